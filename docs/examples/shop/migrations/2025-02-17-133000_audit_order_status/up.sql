-- No foreign key on purpose: the audit outlives the order.
CREATE TABLE order_audit (
    id         INTEGER PRIMARY KEY,
    order_id   INTEGER NOT NULL,
    old_status TEXT NOT NULL,
    new_status TEXT NOT NULL,
    note       TEXT NOT NULL,
    changed_at TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP
);

CREATE TRIGGER orders_status_audit
AFTER UPDATE OF status ON orders
WHEN old.status <> new.status
BEGIN
    SELECT CASE
        WHEN old.status = 'cancelled' THEN RAISE(ABORT, 'a cancelled order stays so; place a new one')
    END;

    INSERT INTO order_audit (order_id, old_status, new_status, note)
    VALUES (
        new.id,
        old.status,
        new.status,
        CASE new.status
            WHEN 'paid' THEN 'payment received; pick the goods'
            WHEN 'shipped' THEN 'handed to the carrier'
            WHEN 'cancelled' THEN CASE old.status WHEN 'new' THEN 'nothing to pay back' ELSE 'pay back; END' END
            ELSE ''
        END
    );

    UPDATE orders
    SET closed_at = CASE WHEN new.status IN ('delivered', 'cancelled') THEN CURRENT_TIMESTAMP END
    WHERE id = new.id;
END;
