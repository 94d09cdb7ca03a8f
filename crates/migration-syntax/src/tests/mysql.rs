//! MySQL and MariaDB.

use expect_test::expect;

use super::{check, check_tokens, check_whole};
use crate::Dialect::Mysql;
use crate::SplitOptions;

#[test]
fn quotes_and_comments() {
    check_whole(
        Mysql,
        &[
            r#"SELECT 'it\'s;', "a\";", 'it''s', "b"";", `c``;\`, _utf8'x;', X'1F', N'\''"#,
            "SELECT 1 # ; '\n, 2 -- ; '\n, 3 --\n, /* ; ' */ 4",
            "SELECT 1--1, 5--(2)",
            "SELECT /*+ MAX_EXECUTION_TIME(1) */ 1, @a := 2, @@global.x, @`b;`, \\N",
        ],
    );
    check(
        Mysql,
        "--no blank; but first\nSELECT 1; --x;\nSELECT 2 /* /* ; */;",
        expect![[r#"
        2 22..30 select: "SELECT 1"
        3 37..45 select: "SELECT 2"
    "#]],
    );
}

#[test]
fn sql_modes() {
    let mut options = SplitOptions::new(Mysql);
    options.backslash_escapes = false;
    check_whole(options, &[r#"SELECT 'a\', "b\""#]);
    let mut options = SplitOptions::new(Mysql);
    options.ansi_quotes = true;
    check_whole(options, &[r#"SELECT "a\", 'b\';'"#]);
    check_tokens(
        options,
        r#""a" 'b' `c`"#,
        expect![[r#"
        QuotedIdentifier "a"
        String 'b'
        QuotedIdentifier `c`
    "#]],
    );
}

#[test]
fn conditional_comments_are_code() {
    check(
        Mysql,
        "/*!40101 SET NAMES utf8 */;\n/*!999999\\- enable the sandbox mode */ \n/*M!100100 SELECT 1; */;\n\
         /*! CREATE TABLE a (b int) /* inner; */ */ ENGINE=x /* tail */;\n/*!50003 CREATE*/ /*!50017 DEFINER=`a`@`b`*/ \
         /*!50003 TRIGGER t BEFORE INSERT ON x FOR EACH ROW BEGIN SET @a = 1; SET @b = 2; END */;\nSELECT 1",
        expect![[r#"
            1 0..26 set: "/*!40101 SET NAMES utf8 */"
            3 68..91 select: "/*M!100100 SELECT 1; */"
            4 93..144 create_table: "/*! CREATE TABLE a (b int) /* inner; */ */ ENGINE=x"
            5 157..289 create_trigger: "/*!50003 CREATE*/ /*!50017 DEFINER=`a`@`b`*/ /*!50003 TRIGGER t BEFORE INSERT ON x FOR EACH ROW BEGIN SET @a = 1; SET @b = 2; END */"
            6 291..299 select: "SELECT 1"
        "#]],
    );
    check(
        Mysql,
        "SELECT 1 /*!50003 + 1; SELECT 2",
        expect![[r#"
            error: unterminated comment at line 1, column 10
        "#]],
    );
    check_tokens(
        Mysql,
        "/*!50003 a*/ /*!b */ /*M!100100 c */ */ /*M x */",
        expect![[r#"
        ConditionalStart /*!50003
        Word a
        ConditionalEnd */
        ConditionalStart /*!
        Word b
        ConditionalEnd */
        ConditionalStart /*M!100100
        Word c
        ConditionalEnd */
        Punctuation *
        Punctuation /
        Comment /*M x */
    "#]],
    );
}

#[test]
fn delimiter() {
    check(
        Mysql,
        "DROP PROCEDURE IF EXISTS p;\r\ndelimiter //\r\nCREATE PROCEDURE p() BEGIN SELECT '//'; SELECT 1 /* // */; END//\r\n\
         DELIMITER $$  ignored\r\nCREATE FUNCTION f() RETURNS int BEGIN RETURN 1; END$$ SELECT 2$$\r\n\
         DELIMITER ;\r\nSELECT 3; DELIMITER ';;'\nSELECT 4;;\nDELIMITER go\nSELECT cargo, go1 go\nDELIMITER ;\nSELECT 5",
        expect![[r#"
            1 0..26 drop: "DROP PROCEDURE IF EXISTS p"
            3 43..105 create_procedure: "CREATE PROCEDURE p() BEGIN SELECT '//'; SELECT 1 /* // */; END"
            5 132..183 create_function: "CREATE FUNCTION f() RETURNS int BEGIN RETURN 1; END"
            5 186..194 select: "SELECT 2"
            7 211..219 select: "SELECT 3"
            8 236..244 select: "SELECT 4"
            10 260..277 select: "SELECT cargo, go1"
            12 293..301 select: "SELECT 5"
        "#]],
    );
    // Servers take the statements of a piece one by one.
    check(
        Mysql,
        "DELIMITER |\nDROP TABLE a; CREATE PROCEDURE p() BEGIN SELECT 1; END; | SELECT 2 |\nDELIMITER ;\n",
        expect![[r#"
            2 12..24 drop_table: "DROP TABLE a"
            2 26..66 create_procedure: "CREATE PROCEDURE p() BEGIN SELECT 1; END"
            2 70..78 select: "SELECT 2"
        "#]],
    );
    // The client ends a statement at the command.
    check(
        Mysql,
        "DELIMITER //\nSELECT 1\nDELIMITER ;\nSELECT 2\n",
        expect![[r#"
        2 13..21 select: "SELECT 1"
        4 34..42 select: "SELECT 2"
    "#]],
    );
    check(
        Mysql,
        "CREATE TABLE t (\n  delimiter varchar(3),\n  `a` int\n); SELECT\n delimiter FROM t; SELECT a.delimiter FROM t",
        expect![[r#"
            1 0..52 create_table: "CREATE TABLE t (\n  delimiter varchar(3),\n  `a` int\n)"
            4 54..78 select: "SELECT\n delimiter FROM t"
            5 80..105 select: "SELECT a.delimiter FROM t"
        "#]],
    );
    check(
        Mysql,
        "DELIMITER\n",
        expect![[r#"
        error: DELIMITER command without a usable delimiter at line 1, column 1
    "#]],
    );
    check(
        Mysql,
        "DELIMITER \\\n",
        expect![[r#"
        error: DELIMITER command without a usable delimiter at line 1, column 1
    "#]],
    );
    check(
        Mysql,
        "SELECT 1;\nDELIMITER 1234567890123456\n",
        expect![[r#"
        error: DELIMITER command without a usable delimiter at line 2, column 1
    "#]],
    );
}

#[test]
fn bodies_without_delimiter() {
    check_whole(
        Mysql,
        &[
            "CREATE PROCEDURE p() BEGIN SELECT 1; SELECT 2; END",
            "CREATE DEFINER=`root`@`localhost` PROCEDURE IF NOT EXISTS a.begin(IN x INT, OUT y DECIMAL(5,2)) COMMENT 'b;' \
             SQL SECURITY INVOKER outer_block: BEGIN DECLARE end INT DEFAULT 0; SET end = end + 1; SELECT end FROM t; \
             inner_block: BEGIN END inner_block; END outer_block",
            "CREATE FUNCTION f(x INT) RETURNS INT DETERMINISTIC RETURN CASE x WHEN 1 THEN 2 ELSE IF(x, 1, 2) END",
            "CREATE FUNCTION f() RETURNS SET('a','b') CHARACTER SET utf8 BEGIN RETURN REPEAT('a', 2); END",
            "CREATE PROCEDURE p(x INT) CASE x WHEN 1 THEN SELECT 1; ELSE BEGIN END; END CASE",
            "CREATE PROCEDURE p(x INT) IF x THEN SELECT 1; ELSEIF x > 1 THEN SELECT 2; ELSE SELECT 3; END IF",
            "CREATE TRIGGER begin BEFORE INSERT ON begin FOR EACH ROW FOLLOWS end BEGIN SET NEW.end = OLD.begin; END",
            "CREATE TRIGGER t AFTER UPDATE ON x FOR EACH ROW IF NEW.a THEN INSERT INTO y VALUES (IF(1, 2, 3)); END IF",
            "CREATE TRIGGER t AFTER UPDATE ON x FOR EACH ROW UPDATE y SET a = CASE WHEN end THEN 1 END",
            "CREATE EVENT e ON SCHEDULE EVERY 1 DAY STARTS CURRENT_TIMESTAMP ON COMPLETION PRESERVE DO BEGIN DO SLEEP(1); END",
            "ALTER EVENT e DO BEGIN DELETE FROM t; END",
            "CREATE PROCEDURE p() BEGIN DECLARE CONTINUE HANDLER FOR NOT FOUND, SQLSTATE VALUE '02000' SET @d = CASE 1 WHEN 1 \
             THEN 2 END; DECLARE EXIT HANDLER FOR SQLEXCEPTION, 1051 BEGIN ROLLBACK; END; DECLARE c CURSOR FOR SELECT 1; \
             l: LOOP FETCH c INTO x; IF x THEN LEAVE l; END IF; END LOOP l; END",
            "CREATE PROCEDURE p() BEGIN WHILE IF(a, b, c) DO SET a = 1; END WHILE; REPEAT SET b = REPEAT('x', 3); \
             UNTIL CASE WHEN b THEN 1 END END REPEAT; CASE WHEN 1 THEN CASE 2 WHEN 3 THEN SELECT 1; END CASE; \
             ELSE SET @x = (SELECT CASE 1 WHEN 2 THEN 3 END AS end); END CASE; END",
            "CREATE OR REPLACE PROCEDURE p() BEGIN FOR i IN 1..10 DO SELECT i; END FOR; FOR r IN (SELECT 1) DO BEGIN END; END FOR; END",
            "BEGIN NOT ATOMIC SELECT 1; IF 1 THEN SELECT 2; END IF; END",
            "IF 1 THEN SELECT 2; END IF",
            "l: WHILE 1 DO SELECT 2; END WHILE l",
        ],
    );
}

#[test]
fn what_only_looks_like_a_body() {
    check(
        Mysql,
        "BEGIN; SELECT begin, end FROM end; COMMIT; BEGIN WORK; XA BEGIN 'a'; XA END 'a'; CREATE TABLE begin (end int);
         CREATE VIEW trigger_v AS SELECT IF(1, 2, 3); ALTER PROCEDURE p COMMENT 'x'; DROP PROCEDURE begin; REPLACE INTO t VALUES (1);
         CREATE FUNCTION f RETURNS STRING SONAME 'begin.so'; CREATE DEFINER=event@localhost VIEW v AS SELECT 1;
         SELECT 1",
        expect![[r#"
            1 0..5 begin: "BEGIN"
            1 7..33 select: "SELECT begin, end FROM end"
            1 35..41 commit: "COMMIT"
            1 43..53 begin: "BEGIN WORK"
            1 55..67 xa: "XA BEGIN 'a'"
            1 69..79 xa: "XA END 'a'"
            1 81..109 create_table: "CREATE TABLE begin (end int)"
            2 120..163 create_view: "CREATE VIEW trigger_v AS SELECT IF(1, 2, 3)"
            2 165..194 alter: "ALTER PROCEDURE p COMMENT 'x'"
            2 196..216 drop: "DROP PROCEDURE begin"
            2 218..243 replace: "REPLACE INTO t VALUES (1)"
            3 254..304 create_function: "CREATE FUNCTION f RETURNS STRING SONAME 'begin.so'"
            3 306..355 create_view: "CREATE DEFINER=event@localhost VIEW v AS SELECT 1"
            4 366..374 select: "SELECT 1"
        "#]],
    );
    check(
        Mysql,
        "SELECT 1;\nBEGIN\nINSERT INTO t VALUES (1);\nCOMMIT;\n",
        expect![[r#"
        error: statement whose body never reaches its END at line 2, column 1
    "#]],
    );
}

#[test]
fn client_habits() {
    check(
        Mysql,
        "USE a\nSELECT 1;\nuse b;\nUSE `c` -- x\nSELECT 2",
        expect![[r#"
        1 0..5 use: "USE a"
        2 6..14 select: "SELECT 1"
        3 16..21 use: "use b"
        4 23..30 use: "USE `c`"
        5 36..44 select: "SELECT 2"
    "#]],
    );
    // The line is the client's, and what is open at its end with it.
    check(
        Mysql,
        "USE a /*!50000\nSELECT 1 */ 2;\nUSE a /*! b; SELECT 3 */;",
        expect![[r#"
        1 0..14 use: "USE a /*!50000"
        2 15..28 select: "SELECT 1 */ 2"
        3 30..54 use: "USE a /*! b; SELECT 3 */"
    "#]],
    );
    check(
        Mysql,
        "SELECT 1\\G\n",
        expect![[r#"
        error: command of an interactive client at line 1, column 9
    "#]],
    );
    check(
        Mysql,
        "SELECT source FROM t; -- source a\n  Source other.sql\nSELECT 2;",
        expect![[r#"
            error: command of an interactive client at line 2, column 3
        "#]],
    );
}

#[test]
fn kinds() {
    check(
        Mysql,
        "CREATE TEMPORARY TABLE t (a int); CREATE FULLTEXT INDEX i ON t (a); CREATE ALGORITHM=MERGE DEFINER=`a`@`%` SQL SECURITY
         DEFINER VIEW v AS SELECT 1; CREATE DATABASE d; CREATE USER u; DROP INDEX i ON t; RENAME TABLE a TO b; LOCK TABLES t READ;
         UNLOCK TABLES; REPLACE INTO t VALUES (1); LOAD DATA INFILE 'x' INTO TABLE t; SHOW TABLES; SET NAMES utf8; CALL p();
         WITH replace AS (SELECT 1) UPDATE t SET a = 1; DESC t; OPTIMIZE TABLE t; TRUNCATE t; GRANT ALL ON a TO b",
        expect![[r#"
            1 0..32 create_table: "CREATE TEMPORARY TABLE t (a int)"
            1 34..66 create_index: "CREATE FULLTEXT INDEX i ON t (a)"
            1 68..155 create_view: "CREATE ALGORITHM=MERGE DEFINER=`a`@`%` SQL SECURITY\n         DEFINER VIEW v AS SELECT 1"
            2 157..174 create_database: "CREATE DATABASE d"
            2 176..189 create: "CREATE USER u"
            2 191..208 drop_index: "DROP INDEX i ON t"
            2 210..229 rename: "RENAME TABLE a TO b"
            2 231..249 lock: "LOCK TABLES t READ"
            3 260..273 unlock: "UNLOCK TABLES"
            3 275..300 replace: "REPLACE INTO t VALUES (1)"
            3 302..335 load: "LOAD DATA INFILE 'x' INTO TABLE t"
            3 337..348 show: "SHOW TABLES"
            3 350..364 set: "SET NAMES utf8"
            3 366..374 call: "CALL p()"
            4 385..430 update: "WITH replace AS (SELECT 1) UPDATE t SET a = 1"
            4 432..438 explain: "DESC t"
            4 440..456 optimize: "OPTIMIZE TABLE t"
            4 458..468 truncate: "TRUNCATE t"
            4 470..489 grant: "GRANT ALL ON a TO b"
        "#]],
    );
}
