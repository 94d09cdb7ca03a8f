use migration_lineage::Analyzer;
fn main() {
    let dialect = std::env::args().nth(1).unwrap().parse().unwrap();
    let text = std::io::read_to_string(std::io::stdin()).unwrap();
    let mut analyzer = Analyzer::new(dialect);
    for s in analyzer.analyze(&text).unwrap().statements {
        println!(
            "== {:?} {} ",
            s.kind,
            &text[s.start..s.end].chars().take(90).collect::<String>().replace('\n', " ")
        );
        println!(
            "   {:?} -> {:?}",
            s.inputs.iter().map(|n| n.to_string()).collect::<Vec<_>>(),
            s.outputs.iter().map(|n| n.to_string()).collect::<Vec<_>>()
        );
        for c in &s.columns {
            println!(
                "   {} <- {}",
                c.target,
                c.sources
                    .iter()
                    .map(|x| format!("{} {:?}", x.column, x.subtype))
                    .collect::<Vec<_>>()
                    .join(", ")
            );
        }
        for d in &s.dataset {
            println!(
                "   * {:?} <- {}",
                d.target.as_ref().map(|t| t.to_string()),
                d.sources
                    .iter()
                    .map(|x| format!("{} {:?}", x.column, x.subtype))
                    .collect::<Vec<_>>()
                    .join(", ")
            );
        }
        for a in &s.ambiguous {
            println!("   ambiguous {a:?}");
        }
        for u in &s.unanalysed {
            println!("   ? {} | {}", u.reason, &text[u.start..u.end].chars().take(100).collect::<String>());
        }
    }
    for r in analyzer.catalogue().relations() {
        println!(
            "{}: {}",
            r.name,
            r.columns.iter().map(|c| c.name.to_string()).collect::<Vec<_>>().join(", ")
        );
    }
}
