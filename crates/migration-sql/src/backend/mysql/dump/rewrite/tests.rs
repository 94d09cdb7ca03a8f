//! Texts as MariaDB 10.11 and MySQL 9.7 print them.

use super::*;

#[test]
fn users_are_left_out() {
    let check = |sql: &str, expected: &str| assert_eq!(without_definer(sql), expected);
    check("CREATE DEFINER=`root`@`localhost` PROCEDURE `p`()\nSELECT 1", "CREATE PROCEDURE `p`()\nSELECT 1");
    check("CREATE DEFINER=\"a b\"@\"%\" FUNCTION \"f\"() RETURN 1", "CREATE FUNCTION \"f\"() RETURN 1");
    check("CREATE DEFINER=`r` EVENT `e` DO SELECT 1", "CREATE EVENT `e` DO SELECT 1");
    check(
        "CREATE ALGORITHM=MERGE DEFINER=`u`@`%` SQL SECURITY INVOKER VIEW `v` AS select 1",
        "CREATE ALGORITHM=MERGE SQL SECURITY INVOKER VIEW `v` AS select 1",
    );
    check("CREATE PROCEDURE `p`() SET @a = (definer = 1)", "CREATE PROCEDURE `p`() SET @a = (definer = 1)");
}

#[test]
fn counters_are_left_out() {
    let table = "CREATE TABLE `t` (\n  `id` int AUTO_INCREMENT COMMENT ' AUTO_INCREMENT=7 '\n) ENGINE=InnoDB";
    let counted = format!("{table} AUTO_INCREMENT=12 DEFAULT CHARSET=utf8mb4");
    assert_eq!(without_counter(&counted), format!("{table} DEFAULT CHARSET=utf8mb4"));
    assert_eq!(without_counter(&format!("{table} AUTO_INCREMENT=3")), table);
    assert_eq!(without_counter(table), table);
}

#[test]
fn inherited_collations_are_left_out() {
    let table = |inherited: &str| {
        format!(
            "CREATE TABLE `t` (\n  `a` varchar(9){inherited} NOT NULL COMMENT 'x COLLATE y',\n  `b` enum('(','c'){inherited},\n  \
             `c` text CHARACTER SET latin1 COLLATE latin1_bin,\n  `d` text GENERATED ALWAYS AS ((`a` collate \
             utf8mb4_bin)) VIRTUAL\n) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin"
        )
    };
    assert_eq!(without_inherited_collations(&table(" COLLATE utf8mb4_bin")), table(""));
}

#[test]
fn the_start_of_an_event_is_left_out() {
    let event = "CREATE EVENT `e` ON SCHEDULE EVERY 1 DAY STARTS '2026-01-02 03:04:05' ENABLE DO SELECT 1";
    assert_eq!(without_start(event), "CREATE EVENT `e` ON SCHEDULE EVERY 1 DAY ENABLE DO SELECT 1");
    let other = "CREATE EVENT `e` ON SCHEDULE AT '2026-01-02 03:04:05' DO SELECT starts 'x'";
    assert_eq!(without_start(other), other);
}

#[test]
fn a_trigger_loses_its_database_and_its_body_does_not() {
    let sql = "CREATE TRIGGER shop.tr BEFORE INSERT ON `Shop` . orders FOR EACH ROW INSERT INTO shop.log VALUES (1)";
    let expected = "CREATE TRIGGER tr BEFORE INSERT ON orders FOR EACH ROW INSERT INTO shop.log VALUES (1)";
    assert_eq!(unqualified_trigger(sql, "shop"), expected);
}

#[track_caller]
fn check(sql: &str, expected: &str, sources: &[&str]) {
    let (text, found) = unqualified(sql, "shop");
    assert_eq!(text, expected);
    assert_eq!(found.iter().map(String::as_str).collect::<Vec<_>>(), sources);
}

#[test]
fn a_view_loses_its_database() {
    check(
        "CREATE VIEW `shop`.`v` AS select `shop`.`t`.`id` AS `id`,`shop`.`f`(`a`.`x`) AS `shop` from (`shop`.`t` join \
         `shop`.`w` `a` on(`shop`.`t`.`id` = `a`.`x`)) where 'shop.t' = 1",
        "CREATE VIEW `v` AS select `t`.`id` AS `id`,`f`(`a`.`x`) AS `shop` from (`t` join `w` `a` on(`t`.`id` = \
         `a`.`x`)) where 'shop.t' = 1",
        &["t", "w"],
    );
}

#[test]
fn a_table_or_an_alias_may_be_named_like_the_database() {
    check(
        "select `shop`.`id` AS `id` from (`shop`.`v` `shop` join `other`.`t`) where `shop`.`id` in \
         (select `shop`.`shop`.`id` from `shop`.`shop`)",
        "select `shop`.`id` AS `id` from (`v` `shop` join `other`.`t`) where `shop`.`id` in \
         (select `shop`.`id` from `shop`)",
        &["shop", "v"],
    );
}

#[test]
fn a_table_loses_its_database() {
    check(
        "CREATE TABLE `t` (\n  `a` int DEFAULT nextval(`shop`.`s`),\n  CONSTRAINT `c` FOREIGN KEY (`a`) REFERENCES \
         `other`.`t` (`a`)\n) COMMENT='`shop`.`s`'",
        "CREATE TABLE `t` (\n  `a` int DEFAULT nextval(`s`),\n  CONSTRAINT `c` FOREIGN KEY (`a`) REFERENCES \
         `other`.`t` (`a`)\n) COMMENT='`shop`.`s`'",
        &[],
    );
}

#[test]
fn foreign_keys_to_what_is_gone_go() {
    let table = |keys: &str| format!("CREATE TABLE `t` (\n  `a` int{keys}\n) ENGINE=InnoDB");
    let key = |name: &str| format!(",\n  CONSTRAINT `c_{name}` FOREIGN KEY (`a`) REFERENCES `{name}` (`id`)");
    let gone = BTreeSet::from(["log".to_owned()]);
    assert_eq!(without_references(&table(&(key("log") + &key("b"))), &gone), table(&key("b")));
    assert_eq!(without_references(&table(&(key("b") + &key("log"))), &gone), table(&key("b")));
    assert_eq!(without_references(&table(&key("log")), &gone), table(""));
}
