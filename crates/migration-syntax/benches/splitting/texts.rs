//! The texts that are timed: what migrations and dumps of each database look like, written here.

use std::fmt;

use migration_syntax::{Dialect, split};

/// A text to be repeated with other numbers.
pub(crate) struct Text {
    pub(crate) dialect: Dialect,
    name: &'static str,
    /// `{n}` is a number that counts up.
    piece: &'static str,
    /// What the piece must be split into; an error would look very fast.
    statements: usize,
}

impl Text {
    /// The piece, as often as it takes to make so many bytes.
    pub(crate) fn write(&self, bytes: usize) -> String {
        let mut text = String::with_capacity(bytes + 2 * self.piece.len());
        let mut pieces = 0;
        while text.len() < bytes {
            let mut parts = self.piece.split("{n}");
            text.extend(parts.next());
            for part in parts {
                text.push_str(&pieces.to_string());
                text.push_str(part);
            }
            pieces += 1;
        }
        assert_eq!(split(&text, self.dialect).map(|all| all.len()), Ok(pieces * self.statements));
        text
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, {}", self.dialect, self.name)
    }
}

pub(crate) const ALL: &[Text] = &[
    Text { dialect: Dialect::Sqlite, name: "migrations", piece: SQLITE_MIGRATION, statements: 5 },
    Text { dialect: Dialect::Sqlite, name: "dump", piece: SQLITE_DUMP, statements: 4 },
    Text { dialect: Dialect::Sqlite, name: "triggers", piece: SQLITE_TRIGGER, statements: 2 },
    Text { dialect: Dialect::Postgres, name: "migrations", piece: POSTGRES_MIGRATION, statements: 6 },
    Text { dialect: Dialect::Postgres, name: "dump", piece: POSTGRES_DUMP, statements: 4 },
    Text { dialect: Dialect::Postgres, name: "functions", piece: POSTGRES_FUNCTION, statements: 3 },
    Text { dialect: Dialect::Mysql, name: "migrations", piece: MYSQL_MIGRATION, statements: 5 },
    Text { dialect: Dialect::Mysql, name: "dump", piece: MYSQL_DUMP, statements: 6 },
    Text { dialect: Dialect::Mysql, name: "routines", piece: MYSQL_ROUTINE, statements: 2 },
];

const SQLITE_MIGRATION: &str = r#"-- Orders of a customer, with what was paid for them.
CREATE TABLE IF NOT EXISTS orders_{n} (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    customer_id INTEGER NOT NULL REFERENCES customers_{n} (id) ON DELETE CASCADE,
    "state" TEXT NOT NULL DEFAULT 'open' CHECK ("state" IN ('open', 'paid', 'shipped')),
    total_cents INTEGER NOT NULL DEFAULT 0, -- without tax
    created_at TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP
);
CREATE INDEX orders_{n}_by_customer ON orders_{n} (customer_id, created_at DESC);
ALTER TABLE orders_{n} ADD COLUMN note TEXT;
/* Old orders have no note; an empty one is easier to show. */
UPDATE orders_{n} SET note = '' WHERE note IS NULL AND created_at < '2024-01-01';
DROP TABLE IF EXISTS old_orders_{n};

"#;

const SQLITE_DUMP: &str = r#"INSERT INTO customers VALUES({n},'Marta Lindqvist','marta{n}@example.com','Storgatan 12; 2 tr','2023-04-01 10:22:31',NULL,17.5);
INSERT INTO customers VALUES({n},'Seán O''Brien','sean{n}@example.com','14 Quay Street','2023-04-01 10:25:02','likes "quotes"',0.0);
INSERT INTO articles VALUES({n},'Desk lamp',4990,'A lamp with an arm of brushed steel and a switch in its cable. It stands by itself or is clamped to the table.');
INSERT INTO pictures VALUES({n},X'89504e470d0a1a0a0000000d49484452000000100000001008060000001ff3ff61');
"#;

const SQLITE_TRIGGER: &str = r#"CREATE TRIGGER orders_{n}_changed AFTER UPDATE OF total_cents ON orders_{n} FOR EACH ROW WHEN old.total_cents <> new.total_cents
BEGIN
    INSERT INTO changes (what, who, was, is_now) VALUES ('orders_{n}', new.id, old.total_cents, new.total_cents);
    UPDATE customers SET spent = CASE WHEN new.total_cents > 0 THEN spent + new.total_cents ELSE spent END
    WHERE id = new.customer_id;
END;
CREATE VIEW open_orders_{n} AS
    SELECT o.id, c.name, o.total_cents / 100.0 AS total
    FROM orders_{n} AS o JOIN customers AS c ON c.id = o.customer_id
    WHERE o.state = 'open' ORDER BY o.created_at;
"#;

const POSTGRES_MIGRATION: &str = r#"-- Orders of a customer, with what was paid for them.
CREATE TYPE order_state_{n} AS ENUM ('open', 'paid', 'shipped');
CREATE TABLE public.orders_{n} (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    customer_id bigint NOT NULL REFERENCES public.customers_{n} (id) ON DELETE CASCADE,
    "state" order_state_{n} NOT NULL DEFAULT 'open'::order_state_{n},
    total numeric(12, 2) NOT NULL DEFAULT 0.00, -- without tax
    created_at timestamp with time zone NOT NULL DEFAULT now()
);
CREATE INDEX CONCURRENTLY orders_{n}_by_customer ON public.orders_{n} USING btree (customer_id, created_at DESC);
ALTER TABLE ONLY public.orders_{n} ADD CONSTRAINT orders_{n}_total CHECK (total >= (0)::numeric);
COMMENT ON TABLE public.orders_{n} IS 'what the customer''s basket became';
GRANT SELECT, INSERT ON public.orders_{n} TO shop;

"#;

const POSTGRES_DUMP: &str = r#"INSERT INTO public.customers VALUES ({n}, 'Marta Lindqvist', 'marta{n}@example.com', 'Storgatan 12; 2 tr', '2023-04-01 10:22:31+02', NULL, 17.5);
INSERT INTO public.customers VALUES ({n}, 'Seán O''Brien', 'sean{n}@example.com', '14 Quay Street', '2023-04-01 10:25:02+02', 'likes "quotes"', 0.0);
INSERT INTO public.articles VALUES ({n}, 'Desk lamp', 4990, E'A lamp with an arm of brushed steel\nand a switch in its cable. It\'s clamped to the table.');
COPY public.sizes (id, name, note) FROM stdin;
{n}	small	up to 40 cm; not \\N
{n}	medium	\N
{n}	large	"quoted", 'too'
\.
"#;

const POSTGRES_FUNCTION: &str = r#"CREATE OR REPLACE FUNCTION public.order_changed_{n}() RETURNS trigger
    LANGUAGE plpgsql AS $body$
BEGIN
    IF new.total <> old.total THEN
        INSERT INTO changes (what, who, was, is_now) VALUES ('orders_{n}', new.id, old.total, new.total);
        RAISE NOTICE 'order % was % and is %', new.id, old.total, new.total;
    END IF;
    RETURN new; -- as it stands
END;
$body$;
CREATE TRIGGER order_changed_{n} AFTER UPDATE ON public.orders_{n}
    FOR EACH ROW EXECUTE FUNCTION public.order_changed_{n}();
CREATE FUNCTION public.total_{n}(customer bigint) RETURNS numeric LANGUAGE sql BEGIN ATOMIC
    SELECT sum(CASE WHEN o.state = 'paid' THEN o.total ELSE 0 END) FROM public.orders_{n} AS o
    WHERE o.customer_id = customer;
END;
"#;

const MYSQL_MIGRATION: &str = r#"-- Orders of a customer, with what was paid for them.
CREATE TABLE `orders_{n}` (
  `id` bigint unsigned NOT NULL AUTO_INCREMENT,
  `customer_id` bigint unsigned NOT NULL,
  `state` enum('open','paid','shipped') COLLATE utf8mb4_unicode_ci NOT NULL DEFAULT 'open',
  `total` decimal(12,2) NOT NULL DEFAULT '0.00', # without tax
  `created_at` timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP,
  PRIMARY KEY (`id`),
  KEY `orders_{n}_by_customer` (`customer_id`,`created_at`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
ALTER TABLE orders_{n} ADD COLUMN note varchar(255) NULL AFTER total;
ALTER TABLE orders_{n} ADD CONSTRAINT orders_{n}_of FOREIGN KEY (customer_id) REFERENCES customers_{n} (id) ON DELETE CASCADE;
/* Old orders have no note; an empty one is easier to show. */
UPDATE orders_{n} SET note = '' WHERE note IS NULL AND created_at < '2024-01-01';
DROP TABLE IF EXISTS old_orders_{n};

"#;

const MYSQL_DUMP: &str = r#"LOCK TABLES `customers` WRITE;
/*!40000 ALTER TABLE `customers` DISABLE KEYS */;
INSERT INTO `customers` VALUES ({n},'Marta Lindqvist','marta{n}@example.com','Storgatan 12; 2 tr','2023-04-01 10:22:31',NULL,17.50),({n},'Seán O\'Brien','sean{n}@example.com','14 Quay Street','2023-04-01 10:25:02','likes \"quotes\"',0.00),({n},'Ana Prado','ana{n}@example.com','','2023-04-02 08:01:17','pays late;\r\nphone first',220.10);
INSERT INTO `articles` VALUES ({n},'Desk lamp',4990,'A lamp with an arm of brushed steel and a switch in its cable. It stands by itself or is clamped to the table.');
/*!40000 ALTER TABLE `customers` ENABLE KEYS */;
UNLOCK TABLES;
"#;

const MYSQL_ROUTINE: &str = r#"DELIMITER $$
CREATE PROCEDURE `close_orders_{n}`(IN customer BIGINT, OUT closed INT)
BEGIN
    DECLARE done INT DEFAULT FALSE;
    DECLARE CONTINUE HANDLER FOR NOT FOUND SET done = TRUE;
    SET closed = 0;
    WHILE NOT done DO
        IF (SELECT COUNT(*) FROM orders_{n} WHERE customer_id = customer AND state = 'open') > 0 THEN
            UPDATE orders_{n} SET state = 'paid' WHERE customer_id = customer AND state = 'open' LIMIT 1;
            SET closed = closed + 1; -- one more
        ELSE
            SET done = TRUE;
        END IF;
    END WHILE;
END$$
DELIMITER ;
CREATE TRIGGER order_changed_{n} AFTER UPDATE ON orders_{n} FOR EACH ROW
BEGIN
    INSERT INTO changes (what, who, was, is_now) VALUES ('orders_{n}', NEW.id, OLD.total, NEW.total);
END;
"#;
