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
