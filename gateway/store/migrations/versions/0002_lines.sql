ALTER TABLE lines ADD COLUMN options JSON DEFAULT '{}' NOT NULL

ALTER TABLE lines ADD COLUMN abilities JSON

ALTER TABLE lines ADD COLUMN bound_imei VARCHAR

ALTER TABLE lines ADD COLUMN bound_iccid VARCHAR

ALTER TABLE messages ADD COLUMN rerouted_from VARCHAR

CREATE TABLE line_samples (
    line_id INTEGER NOT NULL,
    at BIGINT NOT NULL,
    code VARCHAR NOT NULL,
    signal_dbm INTEGER,
    CONSTRAINT pk_line_samples PRIMARY KEY (line_id, at),
    CONSTRAINT fk_line_samples_line_id FOREIGN KEY(line_id) REFERENCES lines (id)
)

CREATE TABLE line_log (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    line_id INTEGER NOT NULL,
    at BIGINT NOT NULL,
    kind VARCHAR NOT NULL,
    code VARCHAR NOT NULL,
    detail VARCHAR DEFAULT '' NOT NULL,
    CONSTRAINT fk_line_log_line_id FOREIGN KEY(line_id) REFERENCES lines (id)
)

CREATE INDEX ix_line_log_line ON line_log (line_id, id)

CREATE TABLE line_requests (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    line_id INTEGER NOT NULL,
    kind VARCHAR NOT NULL,
    argument VARCHAR DEFAULT '' NOT NULL,
    state VARCHAR NOT NULL,
    answer TEXT DEFAULT '' NOT NULL,
    asked_by VARCHAR NOT NULL,
    asked_at BIGINT NOT NULL,
    done_at BIGINT,
    CONSTRAINT fk_line_requests_line_id FOREIGN KEY(line_id) REFERENCES lines (id)
)

CREATE INDEX ix_line_requests_open ON line_requests (id) WHERE state = 'asked'

CREATE INDEX ix_line_requests_line ON line_requests (line_id, kind, id)

CREATE TABLE calls (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    line_id INTEGER NOT NULL,
    conversation_id INTEGER,
    number VARCHAR NOT NULL,
    rang_seconds INTEGER NOT NULL,
    ended_at BIGINT NOT NULL,
    CONSTRAINT fk_calls_line_id FOREIGN KEY(line_id) REFERENCES lines (id),
    CONSTRAINT fk_calls_conversation_id FOREIGN KEY(conversation_id) REFERENCES conversations (id)
)

CREATE INDEX ix_calls_conversation ON calls (conversation_id, ended_at)

CREATE INDEX ix_calls_line ON calls (line_id, ended_at)
