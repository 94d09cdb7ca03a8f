PRAGMA foreign_keys = OFF;

DROP VIEW order_summary;

CREATE TABLE new_customers (
    id         INTEGER PRIMARY KEY,
    email      TEXT NOT NULL UNIQUE CHECK (email LIKE '%_@_%'),
    full_name  TEXT NOT NULL,
    created_at TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP
);

-- Added as they once were, so that the text in `sqlite_schema` is the same again, too.
ALTER TABLE new_customers ADD COLUMN first_name TEXT NOT NULL DEFAULT '';
ALTER TABLE new_customers ADD COLUMN last_name TEXT NOT NULL DEFAULT '';

INSERT INTO new_customers (id, email, full_name, created_at, first_name, last_name)
SELECT id, email, rtrim(first_name || ' ' || last_name), created_at, first_name, last_name
FROM customers;

DROP TABLE customers;
ALTER TABLE new_customers RENAME TO customers;

CREATE UNIQUE INDEX customers_email_any_case ON customers (lower(email));

CREATE VIEW order_summary AS
SELECT
    o.id,
    o.status,
    o.placed_at,
    c.full_name AS customer,
    count(i.product_id) AS lines,
    coalesce(sum(i.quantity * i.unit_price_cents), 0) AS total_cents
FROM orders AS o
JOIN customers AS c ON c.id = o.customer_id
LEFT JOIN order_items AS i ON i.order_id = o.id
GROUP BY o.id;

PRAGMA foreign_keys = ON;
