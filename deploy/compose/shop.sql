-- A fictional shop beside the state database, so that there is a store to try requests on.
CREATE DATABASE shop;
\connect shop
CREATE TABLE customers (
    id bigint PRIMARY KEY,
    email text NOT NULL UNIQUE,
    name text NOT NULL
);
CREATE TABLE orders (
    id bigint PRIMARY KEY,
    customer_id bigint NOT NULL REFERENCES customers (id),
    placed_on date NOT NULL,
    total integer NOT NULL
);
CREATE INDEX orders_customer ON orders (customer_id);
INSERT INTO customers VALUES (1001, 'hanako@example.jp', '山田 花子'), (1002, 'emma@example.com', 'Emma Brown');
INSERT INTO orders VALUES (5001, 1001, '2026-09-01', 1980), (5002, 1002, '2026-10-12', 420);
