CREATE TABLE orders (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    item TEXT NOT NULL,
    done_at TIMESTAMPTZ
);
INSERT INTO orders (item) VALUES ('lamp'), ('chair');
