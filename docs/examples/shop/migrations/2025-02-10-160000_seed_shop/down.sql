-- Only what the seed brought, and children first. Where the shop has since sold a seeded product, the foreign key
-- refuses, the migration's transaction is rolled back, and nothing is lost.
DELETE FROM reviews            WHERE order_id IN (1, 2, 3);
DELETE FROM order_items        WHERE order_id IN (1, 2, 3);
DELETE FROM orders             WHERE id IN (1, 2, 3);
DELETE FROM addresses          WHERE id IN (1, 2, 3, 4);
DELETE FROM customers          WHERE id IN (1, 2, 3, 4);
DELETE FROM product_categories WHERE category_id IN (1, 2, 3, 4) AND product_id IN (1, 2, 3, 4, 5);
DELETE FROM products           WHERE id IN (1, 2, 3, 4, 5);
DELETE FROM categories         WHERE id IN (2, 3);
DELETE FROM categories         WHERE id IN (1, 4);
