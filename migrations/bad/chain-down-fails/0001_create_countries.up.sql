CREATE TABLE countries (
    code char(2) PRIMARY KEY,
    name varchar(20) NOT NULL
);

INSERT INTO countries (code, name) VALUES
    ('DE', 'Germany'),
    ('GB', 'United Kingdom');
