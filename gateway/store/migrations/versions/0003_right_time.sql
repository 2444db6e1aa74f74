DROP INDEX ix_messages_outbox

ALTER TABLE messages DROP COLUMN order_key

ALTER TABLE messages ADD COLUMN rank INTEGER

ALTER TABLE messages ADD COLUMN not_before BIGINT

ALTER TABLE messages ADD COLUMN schedule VARCHAR

ALTER TABLE messages ADD COLUMN schedule_wall VARCHAR

ALTER TABLE messages ADD COLUMN schedule_zone VARCHAR

ALTER TABLE messages ADD COLUMN cancel_if_answered BOOLEAN DEFAULT 0 NOT NULL

ALTER TABLE messages ADD COLUMN urgent_reason VARCHAR

ALTER TABLE messages ADD COLUMN first_refused_at BIGINT

UPDATE messages SET rank = CASE WHEN state <> 'queued' THEN 0 ELSE CASE purpose
    WHEN 'transactional' THEN 3 WHEN 'feedback' THEN 4 WHEN 'marketing' THEN 5 ELSE 1 END END
WHERE direction = 'outbound' AND state IN ('queued', 'sending', 'unconfirmed')

CREATE INDEX ix_messages_outbox ON messages (line_id, rank, due_at, id) WHERE state IN ('queued', 'sending')

CREATE INDEX ix_messages_sent_to ON messages (peer, sent_at) WHERE purpose IN ('auto', 'feedback', 'marketing', 'transactional') AND sent_at IS NOT NULL

CREATE INDEX ix_messages_unsent_to ON messages (peer, state, due_at) WHERE purpose IN ('auto', 'feedback', 'marketing', 'transactional') AND sent_at IS NULL

ALTER TABLE contacts ADD COLUMN zone VARCHAR

CREATE TABLE decisions (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    message_id INTEGER NOT NULL,
    at BIGINT NOT NULL,
    verdict VARCHAR NOT NULL,
    why VARCHAR NOT NULL,
    until BIGINT,
    CONSTRAINT fk_decisions_message_id FOREIGN KEY(message_id) REFERENCES messages (id)
)

CREATE INDEX ix_decisions_message_id ON decisions (message_id)

CREATE TABLE holidays (
    region VARCHAR NOT NULL,
    day VARCHAR NOT NULL,
    name VARCHAR NOT NULL,
    CONSTRAINT pk_holidays PRIMARY KEY (region, day)
)

CREATE TABLE box_state (
    name VARCHAR NOT NULL,
    value JSON NOT NULL,
    CONSTRAINT pk_box_state PRIMARY KEY (name)
)
