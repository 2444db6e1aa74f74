CREATE TABLE api_tokens (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    public_id VARCHAR NOT NULL,
    name VARCHAR NOT NULL,
    token_hash VARCHAR NOT NULL,
    scopes JSON NOT NULL,
    purposes JSON NOT NULL,
    created_at BIGINT NOT NULL,
    revoked_at BIGINT,
    CONSTRAINT uq_api_tokens_public_id UNIQUE (public_id),
    CONSTRAINT uq_api_tokens_token_hash UNIQUE (token_hash)
)

CREATE TABLE audit (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    at BIGINT NOT NULL,
    actor VARCHAR NOT NULL,
    action VARCHAR NOT NULL,
    object VARCHAR NOT NULL,
    "before" JSON,
    "after" JSON
)

CREATE TABLE concat_references (
    recipient VARCHAR NOT NULL,
    last INTEGER NOT NULL,
    CONSTRAINT pk_concat_references PRIMARY KEY (recipient)
)

CREATE TABLE contacts (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    public_id VARCHAR NOT NULL,
    name VARCHAR,
    created_at BIGINT NOT NULL,
    CONSTRAINT uq_contacts_public_id UNIQUE (public_id)
)

CREATE TABLE events (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    at BIGINT NOT NULL,
    kind VARCHAR NOT NULL,
    line_id INTEGER,
    conversation_id INTEGER,
    message_id INTEGER
)

CREATE INDEX ix_events_at ON events (at)

CREATE TABLE idempotency_keys (
    caller VARCHAR NOT NULL,
    "key" VARCHAR NOT NULL,
    request_hash VARCHAR NOT NULL,
    created_at BIGINT NOT NULL,
    status INTEGER NOT NULL,
    answer JSON NOT NULL,
    CONSTRAINT pk_idempotency_keys PRIMARY KEY (caller, "key")
)

CREATE INDEX ix_idempotency_keys_created_at ON idempotency_keys (created_at)

CREATE TABLE lines (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    name VARCHAR NOT NULL,
    port VARCHAR NOT NULL,
    number VARCHAR,
    country VARCHAR(2),
    pin_sealed BLOB,
    limits JSON NOT NULL,
    paused_at BIGINT,
    removed_at BIGINT,
    created_at BIGINT NOT NULL,
    status VARCHAR DEFAULT 'starting' NOT NULL,
    code VARCHAR DEFAULT 'opening' NOT NULL,
    status_since BIGINT,
    facts JSON DEFAULT '{}' NOT NULL
)

CREATE UNIQUE INDEX uq_lines_name_live ON lines (name) WHERE removed_at IS NULL

CREATE TABLE settings (
    name VARCHAR NOT NULL,
    value JSON NOT NULL,
    CONSTRAINT pk_settings PRIMARY KEY (name)
)

CREATE TABLE sign_in_failures (
    id INTEGER NOT NULL,
    username VARCHAR NOT NULL,
    address VARCHAR NOT NULL,
    at BIGINT NOT NULL,
    CONSTRAINT pk_sign_in_failures PRIMARY KEY (id)
)

CREATE INDEX ix_sign_in_failures_address ON sign_in_failures (address)

CREATE INDEX ix_sign_in_failures_at ON sign_in_failures (at)

CREATE INDEX ix_sign_in_failures_username ON sign_in_failures (username)

CREATE TABLE users (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    username VARCHAR NOT NULL,
    name VARCHAR NOT NULL,
    role VARCHAR NOT NULL,
    password_hash VARCHAR NOT NULL,
    created_at BIGINT NOT NULL,
    disabled_at BIGINT,
    CONSTRAINT uq_users_username UNIQUE (username)
)

CREATE TABLE conversations (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    public_id VARCHAR NOT NULL,
    line_id INTEGER NOT NULL,
    contact_id INTEGER NOT NULL,
    peer VARCHAR NOT NULL,
    state VARCHAR DEFAULT 'open' NOT NULL,
    last_message_id INTEGER,
    last_message_at BIGINT,
    waiting_since BIGINT,
    seen_message_id INTEGER DEFAULT '0' NOT NULL,
    last_inbound_id INTEGER DEFAULT '0' NOT NULL,
    created_at BIGINT NOT NULL,
    CONSTRAINT uq_conversations_line_id_contact_id UNIQUE (line_id, contact_id),
    CONSTRAINT uq_conversations_public_id UNIQUE (public_id),
    CONSTRAINT fk_conversations_line_id FOREIGN KEY(line_id) REFERENCES lines (id),
    CONSTRAINT fk_conversations_contact_id FOREIGN KEY(contact_id) REFERENCES contacts (id)
)

CREATE INDEX ix_conversations_recent ON conversations (last_message_at, id)

CREATE TABLE phone_numbers (
    id INTEGER NOT NULL,
    contact_id INTEGER NOT NULL,
    number VARCHAR NOT NULL,
    kind VARCHAR NOT NULL,
    created_at BIGINT NOT NULL,
    CONSTRAINT pk_phone_numbers PRIMARY KEY (id),
    CONSTRAINT fk_phone_numbers_contact_id FOREIGN KEY(contact_id) REFERENCES contacts (id),
    CONSTRAINT uq_phone_numbers_number UNIQUE (number)
)

CREATE INDEX ix_phone_numbers_contact_id ON phone_numbers (contact_id)

CREATE TABLE pin_tries (
    sim VARCHAR NOT NULL,
    pin_hash VARCHAR NOT NULL,
    line_id INTEGER NOT NULL,
    tried_at BIGINT NOT NULL,
    CONSTRAINT pk_pin_tries PRIMARY KEY (sim, pin_hash),
    CONSTRAINT fk_pin_tries_line_id FOREIGN KEY(line_id) REFERENCES lines (id)
)

CREATE TABLE sessions (
    id_hash VARCHAR NOT NULL,
    user_id INTEGER NOT NULL,
    created_at BIGINT NOT NULL,
    last_seen_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    agent VARCHAR,
    CONSTRAINT pk_sessions PRIMARY KEY (id_hash),
    CONSTRAINT fk_sessions_user_id FOREIGN KEY(user_id) REFERENCES users (id)
)

CREATE INDEX ix_sessions_user_id ON sessions (user_id)

CREATE TABLE messages (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    public_id VARCHAR NOT NULL,
    conversation_id INTEGER NOT NULL,
    line_id INTEGER NOT NULL,
    direction VARCHAR NOT NULL,
    purpose VARCHAR,
    state VARCHAR NOT NULL,
    ended VARCHAR,
    peer VARCHAR NOT NULL,
    body TEXT NOT NULL,
    alphabet VARCHAR,
    segments INTEGER NOT NULL,
    author_kind VARCHAR NOT NULL,
    author_id INTEGER,
    author_name VARCHAR,
    created_at BIGINT NOT NULL,
    due_at BIGINT,
    order_key BIGINT,
    waiting_for VARCHAR,
    send_by BIGINT,
    on_unconfirmed VARCHAR DEFAULT 'ask' NOT NULL,
    report_wanted BOOLEAN DEFAULT 0 NOT NULL,
    reason VARCHAR,
    sent_at BIGINT,
    delivered_at BIGINT,
    unconfirmed_until BIGINT,
    resend_of_id INTEGER,
    reply_to_id INTEGER,
    rule VARCHAR,
    reference VARCHAR,
    network_at BIGINT,
    label VARCHAR,
    twin_of_id INTEGER,
    CONSTRAINT ck_messages_direction_known CHECK (direction IN ('inbound', 'outbound')),
    CONSTRAINT ck_messages_state_known CHECK (state IN ('receiving', 'received', 'queued', 'sending', 'sent', 'delivered', 'undelivered', 'failed', 'unconfirmed', 'canceled', 'expired', 'blocked')),
    CONSTRAINT ck_messages_purpose_known CHECK ((direction = 'inbound') = (purpose IS NULL) AND (purpose IS NULL OR purpose IN ('conversational', 'transactional', 'feedback', 'marketing', 'auto', 'compliance', 'internal'))),
    CONSTRAINT ck_messages_waiting_for_known CHECK (waiting_for IS NULL OR waiting_for IN ('schedule', 'quiet_hours', 'rate', 'budget', 'cap', 'line', 'clock', 'approval', 'order', 'doubt', 'retry')),
    CONSTRAINT ck_messages_queued_has_due_time CHECK (state <> 'queued' OR due_at IS NOT NULL),
    CONSTRAINT uq_messages_public_id UNIQUE (public_id),
    CONSTRAINT fk_messages_conversation_id FOREIGN KEY(conversation_id) REFERENCES conversations (id),
    CONSTRAINT fk_messages_line_id FOREIGN KEY(line_id) REFERENCES lines (id),
    CONSTRAINT fk_messages_resend_of_id FOREIGN KEY(resend_of_id) REFERENCES messages (id),
    CONSTRAINT fk_messages_reply_to_id FOREIGN KEY(reply_to_id) REFERENCES messages (id),
    CONSTRAINT fk_messages_twin_of_id FOREIGN KEY(twin_of_id) REFERENCES messages (id)
)

CREATE INDEX ix_messages_due ON messages (line_id, due_at) WHERE state IN ('queued', 'sending')

CREATE INDEX ix_messages_outbox ON messages (line_id, order_key, id) WHERE state IN ('queued', 'sending')

CREATE INDEX ix_messages_peer ON messages (peer, id)

CREATE INDEX ix_messages_resend_of ON messages (resend_of_id) WHERE resend_of_id IS NOT NULL

CREATE INDEX ix_messages_state ON messages (state, id)

CREATE INDEX ix_messages_thread ON messages (conversation_id, id)

CREATE INDEX ix_messages_unfinished ON messages (conversation_id, id) WHERE state IN ('queued', 'sending', 'unconfirmed')

CREATE UNIQUE INDEX uq_messages_answer ON messages (reply_to_id, rule) WHERE rule IS NOT NULL

CREATE TABLE consent_events (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    number VARCHAR NOT NULL,
    kind VARCHAR NOT NULL,
    at BIGINT NOT NULL,
    how VARCHAR NOT NULL,
    words TEXT,
    message_id INTEGER,
    recorded_by VARCHAR,
    CONSTRAINT fk_consent_events_message_id FOREIGN KEY(message_id) REFERENCES messages (id)
)

CREATE INDEX ix_consent_events_number ON consent_events (number)

CREATE TABLE parts (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    message_id INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    tpdu BLOB NOT NULL,
    state VARCHAR NOT NULL,
    attempts INTEGER DEFAULT '0' NOT NULL,
    owner VARCHAR,
    lease_until BIGINT,
    sim VARCHAR,
    reference INTEGER,
    submitted_at BIGINT,
    accepted_at BIGINT,
    delivered_at BIGINT,
    code VARCHAR,
    evidence VARCHAR,
    CONSTRAINT ck_parts_state_known CHECK (state IN ('ready', 'submitting', 'accepted', 'delivered', 'undelivered', 'failed', 'unconfirmed', 'canceled', 'expired')),
    CONSTRAINT uq_parts_message_id_seq UNIQUE (message_id, seq),
    CONSTRAINT fk_parts_message_id FOREIGN KEY(message_id) REFERENCES messages (id)
)

CREATE INDEX ix_parts_in_flight ON parts (state) WHERE state IN ('submitting', 'unconfirmed')

CREATE INDEX ix_parts_reference ON parts (reference, accepted_at)

CREATE INDEX ix_parts_submitted ON parts (submitted_at) WHERE submitted_at IS NOT NULL

CREATE TABLE raw_pdus (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    line_id INTEGER NOT NULL,
    kind VARCHAR NOT NULL,
    pdu TEXT NOT NULL,
    pdu_hash VARCHAR NOT NULL,
    sim VARCHAR NOT NULL,
    slot_store VARCHAR,
    slot_index INTEGER,
    received_at BIGINT NOT NULL,
    deleted_at BIGINT,
    message_id INTEGER,
    CONSTRAINT fk_raw_pdus_line_id FOREIGN KEY(line_id) REFERENCES lines (id),
    CONSTRAINT fk_raw_pdus_message_id FOREIGN KEY(message_id) REFERENCES messages (id)
)

CREATE INDEX ix_raw_pdus_hash ON raw_pdus (sim, pdu_hash)

CREATE INDEX ix_raw_pdus_message_id ON raw_pdus (message_id)

CREATE INDEX ix_raw_pdus_slot ON raw_pdus (sim, slot_store, slot_index) WHERE deleted_at IS NULL

CREATE TABLE transitions (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    message_id INTEGER NOT NULL,
    seq INTEGER,
    at BIGINT NOT NULL,
    was VARCHAR,
    became VARCHAR NOT NULL,
    why VARCHAR,
    actor VARCHAR,
    CONSTRAINT fk_transitions_message_id FOREIGN KEY(message_id) REFERENCES messages (id)
)

CREATE INDEX ix_transitions_message_id ON transitions (message_id)

CREATE TABLE attempts (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    part_id INTEGER NOT NULL,
    line_id INTEGER NOT NULL,
    number INTEGER NOT NULL,
    started_at BIGINT NOT NULL,
    ended_at BIGINT,
    outcome VARCHAR,
    code VARCHAR,
    CONSTRAINT fk_attempts_part_id FOREIGN KEY(part_id) REFERENCES parts (id),
    CONSTRAINT fk_attempts_line_id FOREIGN KEY(line_id) REFERENCES lines (id)
)

CREATE INDEX ix_attempts_of_line ON attempts (line_id, id)

CREATE INDEX ix_attempts_part_id ON attempts (part_id)

CREATE TABLE delivery_reports (
    id INTEGER NOT NULL,
    raw_id INTEGER NOT NULL,
    line_id INTEGER NOT NULL,
    sim VARCHAR NOT NULL,
    reference INTEGER NOT NULL,
    recipient VARCHAR NOT NULL,
    status INTEGER NOT NULL,
    network_at BIGINT,
    discharged_at BIGINT,
    received_at BIGINT NOT NULL,
    part_id INTEGER,
    CONSTRAINT pk_delivery_reports PRIMARY KEY (id),
    CONSTRAINT uq_delivery_reports_raw_id UNIQUE (raw_id),
    CONSTRAINT fk_delivery_reports_raw_id FOREIGN KEY(raw_id) REFERENCES raw_pdus (id),
    CONSTRAINT fk_delivery_reports_line_id FOREIGN KEY(line_id) REFERENCES lines (id),
    CONSTRAINT fk_delivery_reports_part_id FOREIGN KEY(part_id) REFERENCES parts (id)
)

CREATE INDEX ix_delivery_reports_part_id ON delivery_reports (part_id)

CREATE INDEX ix_delivery_reports_unmatched ON delivery_reports (line_id, reference) WHERE part_id IS NULL

CREATE TABLE inbound_parts (
    id INTEGER NOT NULL,
    raw_id INTEGER NOT NULL,
    message_id INTEGER NOT NULL,
    sender VARCHAR NOT NULL,
    reference INTEGER NOT NULL,
    wide BOOLEAN NOT NULL,
    total INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    received_at BIGINT NOT NULL,
    CONSTRAINT pk_inbound_parts PRIMARY KEY (id),
    CONSTRAINT uq_inbound_parts_raw_id UNIQUE (raw_id),
    CONSTRAINT fk_inbound_parts_raw_id FOREIGN KEY(raw_id) REFERENCES raw_pdus (id),
    CONSTRAINT fk_inbound_parts_message_id FOREIGN KEY(message_id) REFERENCES messages (id)
)

CREATE INDEX ix_inbound_parts_message_id ON inbound_parts (message_id)

CREATE INDEX ix_inbound_parts_set ON inbound_parts (sender, reference, total, wide)

CREATE TABLE suppressions (
    number_hash VARCHAR NOT NULL,
    since BIGINT NOT NULL,
    consent_event_id INTEGER,
    CONSTRAINT pk_suppressions PRIMARY KEY (number_hash),
    CONSTRAINT fk_suppressions_consent_event_id FOREIGN KEY(consent_event_id) REFERENCES consent_events (id)
)

CREATE VIRTUAL TABLE messages_fts USING fts5(body, content='messages', content_rowid='id', tokenize='unicode61 remove_diacritics 2')
