DROP INDEX products_name_on_sale;
DROP INDEX customers_email_any_case;
DROP INDEX orders_open;
