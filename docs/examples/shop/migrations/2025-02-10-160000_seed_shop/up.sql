-- Text is full of what splits badly: semicolons, quotes, comment signs, line breaks.
INSERT INTO categories (id, parent_id, slug, name) VALUES
    (1, NULL, 'writing', 'Writing'),
    (2, 1,    'pens',    'Pens & pencils'),
    (3, 1,    'ink',     'Ink; cartridges and bottles'),
    (4, NULL, 'paper',   'Paper');

INSERT INTO products (id, sku, name, description, price_cents) VALUES
    (1, 'PEN-01', 'Fountain pen "Étude"', 'Steel nib; fine.', 3450),
    (2, 'PEN-02', 'Carpenter''s pencil', NULL, 180),
    (3, 'INK-01', 'Ink, blue -- black', 'Shake first;
then wait a minute.', 1290),
    (4, 'PAP-01', 'Notebook A5 /* dotted */', '160 pages', 1675);

-- An article that is not for sale any more, but stands in old orders.
INSERT INTO products (id, sku, name, price_cents, active) VALUES (5, 'PAP-00', 'Notebook A5, ruled', 1450, 0);

INSERT INTO product_categories (product_id, category_id) VALUES (1, 2), (2, 2), (3, 3), (4, 4), (5, 4), (1, 1), (3, 1);

INSERT INTO customers (id, email, full_name, created_at) VALUES
    (1, 'ada@example.com',      'Ada Lovelace',         '2025-02-10 09:00:00'),
    (2, 'Ludwig@example.com',   'Ludwig van Beethoven', '2025-02-10 09:05:00'),
    (3, 'suharto@example.com',  'Suharto',              '2025-02-10 09:10:00'),
    (4, 'murasaki@example.com', '紫 式部',              '2025-02-10 09:15:00');

INSERT INTO addresses (id, customer_id, kind, street, postcode, city, country) VALUES
    (1, 1, 'billing',  '12 St James''s Square', 'SW1Y 4JH', 'London', 'GB'),
    (2, 1, 'shipping', '12 St James''s Square', 'SW1Y 4JH', 'London', 'GB'),
    (3, 2, 'shipping', 'Bonngasse 20',          '53111',    'Bonn',   'DE'),
    (4, 4, 'billing',  '寺町通 681',             '602-0852', '京都市', 'JP');

INSERT INTO orders (id, customer_id, ship_to, status, placed_at, closed_at) VALUES
    (1, 1, 2,    'delivered', '2025-02-10 10:00:00', '2025-02-12 16:20:00'),
    (2, 2, 3,    'paid',      '2025-02-10 10:30:00', NULL),
    (3, 3, NULL, 'new',       '2025-02-10 11:00:00', NULL);

INSERT INTO order_items (order_id, product_id, quantity, unit_price_cents) VALUES
    (1, 1, 1, 3450),
    (1, 3, 2, 1190),
    (2, 4, 3, 1675),
    (2, 5, 1, 990),
    (3, 2, 12, 180);

INSERT INTO reviews (order_id, product_id, customer_id, rating, body, written_at) VALUES
    (1, 1, 1, 5, 'Writes like a charm; the nib''s perfect.', '2025-02-14 08:00:00');
