ALTER TABLE order_items
ADD COLUMN line_total_cents INTEGER GENERATED ALWAYS AS (quantity * unit_price_cents) VIRTUAL;

DROP VIEW order_summary;
CREATE VIEW order_summary AS
SELECT
    o.id,
    o.status,
    o.placed_at,
    rtrim(c.first_name || ' ' || c.last_name) AS customer,
    count(i.product_id) AS lines,
    coalesce(sum(i.line_total_cents), 0) AS total_cents
FROM orders AS o
JOIN customers AS c ON c.id = o.customer_id
LEFT JOIN order_items AS i ON i.order_id = o.id
GROUP BY o.id;
