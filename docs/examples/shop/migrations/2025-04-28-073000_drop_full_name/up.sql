-- SQLite cannot add a CHECK to a column: the table is built anew, by the procedure of
-- https://www.sqlite.org/lang_altertable.html#otheralter. Addresses and reviews have ON DELETE CASCADE: with foreign
-- keys on, DROP TABLE would delete them all (or fail where an order has the customer). `migration` throws the switch
-- before the transaction, where it works, and checks before the commit that no reference leads nowhere.
PRAGMA foreign_keys = OFF;

-- A view that names a table which is not there makes RENAME fail.
DROP VIEW order_summary;

CREATE TABLE new_customers (
    id         INTEGER PRIMARY KEY,
    email      TEXT NOT NULL UNIQUE CHECK (email LIKE '%_@_%'),
    first_name TEXT NOT NULL CHECK (first_name <> ''),
    last_name  TEXT NOT NULL DEFAULT '',
    created_at TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP
);

-- Customers who came after the split have only a full name so far.
INSERT INTO new_customers (id, email, first_name, last_name, created_at)
SELECT
    id,
    email,
    CASE first_name WHEN '' THEN substr(full_name, 1, instr(full_name || ' ', ' ') - 1) ELSE first_name END,
    CASE first_name WHEN '' THEN substr(full_name, instr(full_name || ' ', ' ') + 1) ELSE last_name END,
    created_at
FROM customers;

DROP TABLE customers;
ALTER TABLE new_customers RENAME TO customers;

-- The index went with the table.
CREATE UNIQUE INDEX customers_email_any_case ON customers (lower(email));

CREATE VIEW order_summary AS
SELECT
    o.id,
    o.status,
    o.placed_at,
    rtrim(c.first_name || ' ' || c.last_name) AS customer,
    count(i.product_id) AS lines,
    coalesce(sum(i.quantity * i.unit_price_cents), 0) AS total_cents
FROM orders AS o
JOIN customers AS c ON c.id = o.customer_id
LEFT JOIN order_items AS i ON i.order_id = o.id
GROUP BY o.id;

PRAGMA foreign_keys = ON;
