ALTER TABLE users ADD COLUMN totp_sealed BLOB

ALTER TABLE users ADD COLUMN totp_since BIGINT

ALTER TABLE users ADD COLUMN totp_step INTEGER

ALTER TABLE users ADD COLUMN recovery_hash VARCHAR

ALTER TABLE sign_in_failures ADD COLUMN of_code BOOLEAN DEFAULT 0 NOT NULL

CREATE TABLE invitations (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    secret_hash VARCHAR NOT NULL,
    role VARCHAR NOT NULL,
    created_at BIGINT NOT NULL,
    created_by VARCHAR NOT NULL,
    created_by_id INTEGER NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at BIGINT,
    revoked_at BIGINT,
    CONSTRAINT uq_invitations_secret_hash UNIQUE (secret_hash)
)

CREATE TABLE backups (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    kind VARCHAR NOT NULL,
    started_at BIGINT NOT NULL,
    ended_at BIGINT,
    path VARCHAR NOT NULL,
    size INTEGER,
    sealed BOOLEAN NOT NULL,
    key_sealed BLOB,
    verified_at BIGINT,
    problem VARCHAR,
    removed_at BIGINT
)

CREATE TABLE drills (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    backup_id INTEGER,
    at BIGINT NOT NULL,
    seconds FLOAT NOT NULL,
    problem VARCHAR,
    found JSON NOT NULL,
    CONSTRAINT fk_drills_backup_id FOREIGN KEY(backup_id) REFERENCES backups (id)
)

CREATE TABLE alarms (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    kind VARCHAR NOT NULL,
    subject VARCHAR DEFAULT '' NOT NULL,
    detail JSON NOT NULL,
    began_at BIGINT NOT NULL,
    well_since BIGINT,
    ended_at BIGINT,
    told_at BIGINT,
    seen_at BIGINT,
    seen_by VARCHAR
)

CREATE UNIQUE INDEX uq_alarms_open ON alarms (kind, subject) WHERE ended_at IS NULL

CREATE TABLE alarm_notices (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    public_id VARCHAR NOT NULL,
    alarm_id INTEGER NOT NULL,
    what VARCHAR NOT NULL,
    way VARCHAR NOT NULL,
    number VARCHAR,
    message_id INTEGER,
    asked JSON DEFAULT '[]' NOT NULL,
    made_at BIGINT NOT NULL,
    due_at BIGINT,
    tries INTEGER DEFAULT '0' NOT NULL,
    done_at BIGINT,
    problem VARCHAR,
    CONSTRAINT fk_alarm_notices_alarm_id FOREIGN KEY(alarm_id) REFERENCES alarms (id),
    CONSTRAINT uq_alarm_notices_public_id UNIQUE (public_id)
)

CREATE INDEX ix_alarm_notices_alarm_id ON alarm_notices (alarm_id)

CREATE INDEX ix_alarm_notices_due ON alarm_notices (due_at) WHERE due_at IS NOT NULL

CREATE TABLE erasures (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    kind VARCHAR NOT NULL,
    at BIGINT NOT NULL,
    actor VARCHAR NOT NULL,
    why VARCHAR NOT NULL,
    number_hash VARCHAR,
    counts JSON NOT NULL,
    contact_id INTEGER,
    number VARCHAR,
    ended_at BIGINT,
    rewritten_at BIGINT
)

CREATE INDEX ix_erasures_number_hash ON erasures (number_hash)

ALTER TABLE contacts ADD COLUMN held_since BIGINT

ALTER TABLE contacts ADD COLUMN held_by VARCHAR

ALTER TABLE contacts ADD COLUMN held_why VARCHAR

CREATE INDEX ix_messages_reply_to ON messages (reply_to_id) WHERE reply_to_id IS NOT NULL

CREATE INDEX ix_messages_twin_of ON messages (twin_of_id) WHERE twin_of_id IS NOT NULL

CREATE INDEX ix_consent_events_message_id ON consent_events (message_id)

CREATE TABLE setup_steps (
    name VARCHAR NOT NULL,
    done_at BIGINT,
    skipped_at BIGINT,
    CONSTRAINT pk_setup_steps PRIMARY KEY (name)
)
