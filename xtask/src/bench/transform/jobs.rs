//! The jobs, as chains.

/// One job.
#[derive(Debug)]
pub(super) struct Job {
    pub(super) name: &'static str,
    pub(super) title: &'static str,
    /// The file of the data.
    pub(super) input: &'static str,
    /// Names and what they become.
    pub(super) renames: &'static [(&'static str, &'static str)],
    /// New names, and what their values become.
    pub(super) conversions: &'static [(&'static str, &'static str)],
    /// Whether two fields are dropped, one is computed and records are filtered as well.
    pub(super) more: bool,
}

const FLAT: &[(&str, &str)] = &[("customer_id", "id"), ("full_name", "name"), ("created_at", "created")];
const TYPES: &[(&str, &str)] =
    &[("quantity", "int"), ("amount", "float"), ("active", "bool"), ("created", "timestamp")];

/// The jobs; the first is the one that threads and memory are measured by.
pub(super) const ALL: &[Job] = &[
    Job {
        name: "j1",
        title: "J1: rename 3, convert 4",
        input: "flat.ndjson",
        renames: FLAT,
        conversions: TYPES,
        more: false,
    },
    Job {
        name: "j1-events",
        title: "J1 on nested events",
        input: "events.ndjson",
        renames: &[("id", "event_id"), ("type", "kind"), ("created_at", "created")],
        conversions: &[
            ("event_id", "int"),
            ("latency_ms", "float"),
            ("sampled", "bool"),
            ("created", "timestamp"),
        ],
        more: false,
    },
    Job {
        name: "j1-wide",
        title: "J1 on wide records",
        input: "wide.ndjson",
        renames: &[("col_004_str", "a"), ("col_009_enum", "b"), ("col_006_date", "created")],
        conversions: &[
            ("col_000_int_s", "int"),
            ("col_002_float_s", "float"),
            ("col_007_bool", "bool"),
            ("created", "timestamp"),
        ],
        more: false,
    },
    Job {
        name: "j2",
        title: "J2: J1, drop 2, compute 1, filter",
        input: "flat.ndjson",
        renames: FLAT,
        conversions: TYPES,
        more: true,
    },
    Job {
        name: "j3",
        title: "J3: J1 from CSV",
        input: "flat.csv",
        renames: FLAT,
        conversions: TYPES,
        more: false,
    },
];

impl Job {
    /// The chain as our command reads it.
    pub(super) fn spec(&self) -> String {
        let table = |pairs: &[(&str, &str)]| {
            let pairs: Vec<_> = pairs.iter().map(|(key, value)| format!("{key} = '{value}'")).collect();
            pairs.join(", ")
        };
        let more = if self.more {
            "[[step]]\ndrop = ['notes', 'discount']\n\
             [[step]]\nset = { label = \"name || ' / ' || country\" }\n\
             [[step]]\nkeep-where = \"country in ('DE', 'US', 'FR', 'GB', 'PL', 'ES', 'IT', 'NL')\"\n"
        } else {
            ""
        };
        format!(
            "[[step]]\nrename = {{ {} }}\n[[step]]\nconvert = {{ {} }}\n{more}",
            table(self.renames),
            table(self.conversions)
        )
    }
}
