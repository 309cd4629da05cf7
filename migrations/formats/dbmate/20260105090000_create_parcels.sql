-- Parcels and the scans on their way.

-- migrate:up
CREATE TYPE parcel_state AS ENUM ('packed', 'sent', 'delivered');

CREATE TABLE parcels (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    state parcel_state NOT NULL DEFAULT 'packed'
);

CREATE TABLE scans (
    parcel_id bigint NOT NULL REFERENCES parcels (id) ON DELETE CASCADE,
    at timestamptz NOT NULL DEFAULT now(),
    place text NOT NULL,
    PRIMARY KEY (parcel_id, at)
);

-- migrate:down
DROP TABLE scans;
DROP TABLE parcels;
DROP TYPE parcel_state;
