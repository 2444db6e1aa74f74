ALTER TABLE audit ADD COLUMN address VARCHAR

ALTER TABLE contacts ADD COLUMN external_id VARCHAR

ALTER TABLE contacts ADD COLUMN stage VARCHAR DEFAULT 'prospect' NOT NULL

ALTER TABLE contacts ADD COLUMN priority VARCHAR DEFAULT 'normal' NOT NULL

ALTER TABLE contacts ADD COLUMN language VARCHAR

ALTER TABLE contacts ADD COLUMN company VARCHAR

ALTER TABLE contacts ADD COLUMN email VARCHAR

ALTER TABLE contacts ADD COLUMN address TEXT

ALTER TABLE contacts ADD COLUMN fields JSON DEFAULT '{}' NOT NULL

ALTER TABLE contacts ADD COLUMN edited JSON DEFAULT '[]' NOT NULL

ALTER TABLE contacts ADD COLUMN blocked_at BIGINT

ALTER TABLE contacts ADD COLUMN blocked_by VARCHAR

ALTER TABLE contacts ADD COLUMN blocked_why VARCHAR

ALTER TABLE contacts ADD COLUMN merged_into_id INTEGER

ALTER TABLE contacts ADD COLUMN changed_at BIGINT

ALTER TABLE contacts ADD COLUMN heard_at BIGINT

ALTER TABLE contacts ADD COLUMN sought VARCHAR DEFAULT '' NOT NULL

CREATE INDEX ix_contacts_blocked ON contacts (blocked_at) WHERE blocked_at IS NOT NULL

CREATE INDEX ix_contacts_heard ON contacts (heard_at, id) WHERE merged_into_id IS NULL

CREATE INDEX ix_contacts_language ON contacts (language, sought, id) WHERE merged_into_id IS NULL

CREATE INDEX ix_contacts_merged ON contacts (merged_into_id) WHERE merged_into_id IS NOT NULL

CREATE INDEX ix_contacts_priority ON contacts (priority, sought, id) WHERE merged_into_id IS NULL

CREATE INDEX ix_contacts_sought ON contacts (sought, id) WHERE merged_into_id IS NULL

CREATE INDEX ix_contacts_stage ON contacts (stage, sought, id) WHERE merged_into_id IS NULL

CREATE UNIQUE INDEX uq_contacts_external_id ON contacts (external_id) WHERE external_id IS NOT NULL

CREATE TABLE import_sources (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    public_id VARCHAR NOT NULL,
    name VARCHAR NOT NULL,
    kind VARCHAR NOT NULL,
    place VARCHAR NOT NULL,
    every_minutes INTEGER NOT NULL,
    form JSON DEFAULT '{}' NOT NULL,
    paused_at BIGINT,
    removed_at BIGINT,
    created_at BIGINT NOT NULL,
    due_at BIGINT,
    last_at BIGINT,
    last_hash VARCHAR,
    last_problem VARCHAR,
    CONSTRAINT uq_import_sources_public_id UNIQUE (public_id)
)

CREATE TABLE tags (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    name VARCHAR NOT NULL,
    folded VARCHAR NOT NULL,
    created_at BIGINT NOT NULL,
    CONSTRAINT uq_tags_folded UNIQUE (folded)
)

ALTER TABLE users ADD COLUMN language VARCHAR

ALTER TABLE users ADD COLUMN available BOOLEAN DEFAULT 1 NOT NULL

ALTER TABLE users ADD COLUMN shortcuts BOOLEAN DEFAULT 1 NOT NULL

ALTER TABLE users ADD COLUMN hints BOOLEAN DEFAULT 1 NOT NULL

ALTER TABLE users ADD COLUMN notify VARCHAR DEFAULT 'nothing' NOT NULL

ALTER TABLE users ADD COLUMN signed_in_at BIGINT

ALTER TABLE users ADD COLUMN signed_in_before BIGINT

ALTER TABLE users ADD COLUMN reads_from_id INTEGER DEFAULT '0' NOT NULL

CREATE TABLE contact_filters (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    public_id VARCHAR NOT NULL,
    name VARCHAR NOT NULL,
    "query" JSON NOT NULL,
    created_by_id INTEGER,
    created_at BIGINT NOT NULL,
    CONSTRAINT uq_contact_filters_public_id UNIQUE (public_id),
    CONSTRAINT fk_contact_filters_created_by_id FOREIGN KEY(created_by_id) REFERENCES users (id)
)

CREATE TABLE contact_tags (
    contact_id INTEGER NOT NULL,
    tag_id INTEGER NOT NULL,
    CONSTRAINT pk_contact_tags PRIMARY KEY (contact_id, tag_id),
    CONSTRAINT fk_contact_tags_contact_id FOREIGN KEY(contact_id) REFERENCES contacts (id),
    CONSTRAINT fk_contact_tags_tag_id FOREIGN KEY(tag_id) REFERENCES tags (id)
)

CREATE INDEX ix_contact_tags_tag_id ON contact_tags (tag_id)

ALTER TABLE conversations ADD COLUMN assignee_id INTEGER

ALTER TABLE conversations ADD COLUMN priority VARCHAR DEFAULT 'normal' NOT NULL

ALTER TABLE conversations ADD COLUMN snoozed_until BIGINT

ALTER TABLE conversations ADD COLUMN closed_at BIGINT

ALTER TABLE conversations ADD COLUMN flood_texts INTEGER

CREATE INDEX ix_conversations_assignee ON conversations (assignee_id, state, last_message_at, id)

CREATE INDEX ix_conversations_contact ON conversations (contact_id)

CREATE INDEX ix_conversations_counted ON conversations (state, line_id, assignee_id, waiting_since, last_message_at, last_inbound_id)

CREATE INDEX ix_conversations_snoozed ON conversations (snoozed_until) WHERE state = 'snoozed'

CREATE INDEX ix_conversations_state ON conversations (state, last_message_at, id)

CREATE INDEX ix_conversations_waiting ON conversations (waiting_since, id) WHERE waiting_since IS NOT NULL

CREATE TABLE imports (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    public_id VARCHAR NOT NULL,
    kind VARCHAR NOT NULL,
    source VARCHAR NOT NULL,
    source_id INTEGER,
    file_name VARCHAR NOT NULL,
    content BLOB,
    form JSON DEFAULT '{}' NOT NULL,
    state VARCHAR NOT NULL,
    counts JSON DEFAULT '{}' NOT NULL,
    created_at BIGINT NOT NULL,
    created_by VARCHAR NOT NULL,
    done_at BIGINT,
    undone_at BIGINT,
    problem VARCHAR,
    CONSTRAINT uq_imports_public_id UNIQUE (public_id),
    CONSTRAINT fk_imports_source_id FOREIGN KEY(source_id) REFERENCES import_sources (id)
)

CREATE TABLE merges (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    kept_id INTEGER NOT NULL,
    merged_id INTEGER NOT NULL,
    at BIGINT NOT NULL,
    "by" VARCHAR NOT NULL,
    moved JSON NOT NULL,
    undone_at BIGINT,
    CONSTRAINT fk_merges_kept_id FOREIGN KEY(kept_id) REFERENCES contacts (id),
    CONSTRAINT fk_merges_merged_id FOREIGN KEY(merged_id) REFERENCES contacts (id)
)

CREATE INDEX ix_merges_kept_id ON merges (kept_id)

CREATE INDEX ix_merges_merged_id ON merges (merged_id)

CREATE TABLE number_owners (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    number VARCHAR NOT NULL,
    contact_id INTEGER NOT NULL,
    since BIGINT NOT NULL,
    until BIGINT,
    why VARCHAR NOT NULL,
    CONSTRAINT fk_number_owners_contact_id FOREIGN KEY(contact_id) REFERENCES contacts (id)
)

CREATE INDEX ix_number_owners_contact_id ON number_owners (contact_id)

CREATE INDEX ix_number_owners_number ON number_owners (number)

ALTER TABLE phone_numbers ADD COLUMN health VARCHAR DEFAULT 'ok' NOT NULL

ALTER TABLE phone_numbers ADD COLUMN failures INTEGER DEFAULT '0' NOT NULL

ALTER TABLE phone_numbers ADD COLUMN undelivered_since BIGINT

ALTER TABLE phone_numbers ADD COLUMN heard_at BIGINT

ALTER TABLE phone_numbers ADD COLUMN confirmed_at BIGINT

UPDATE phone_numbers SET heard_at = (
    SELECT max(created_at) FROM messages WHERE peer = phone_numbers.number AND direction = 'inbound'
)

UPDATE contacts SET heard_at = (SELECT max(heard_at) FROM phone_numbers WHERE contact_id = contacts.id)

CREATE INDEX ix_phone_numbers_health ON phone_numbers (health, id) WHERE health != 'ok'

ALTER TABLE sessions ADD COLUMN address VARCHAR

CREATE TABLE templates (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    public_id VARCHAR NOT NULL,
    name VARCHAR NOT NULL,
    owner_id INTEGER,
    created_at BIGINT NOT NULL,
    created_by VARCHAR NOT NULL,
    changed_at BIGINT,
    used INTEGER DEFAULT '0' NOT NULL,
    removed_at BIGINT,
    CONSTRAINT uq_templates_public_id UNIQUE (public_id),
    CONSTRAINT fk_templates_owner_id FOREIGN KEY(owner_id) REFERENCES users (id)
)

CREATE INDEX ix_templates_owner_id ON templates (owner_id)

CREATE TABLE user_lines (
    user_id INTEGER NOT NULL,
    line_id INTEGER NOT NULL,
    CONSTRAINT pk_user_lines PRIMARY KEY (user_id, line_id),
    CONSTRAINT fk_user_lines_user_id FOREIGN KEY(user_id) REFERENCES users (id),
    CONSTRAINT fk_user_lines_line_id FOREIGN KEY(line_id) REFERENCES lines (id)
)

CREATE TABLE conversation_log (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    conversation_id INTEGER NOT NULL,
    at BIGINT NOT NULL,
    kind VARCHAR NOT NULL,
    actor_kind VARCHAR NOT NULL,
    actor_id INTEGER,
    actor_name VARCHAR,
    detail JSON DEFAULT '{}' NOT NULL,
    CONSTRAINT fk_conversation_log_conversation_id FOREIGN KEY(conversation_id) REFERENCES conversations (id)
)

CREATE INDEX ix_conversation_log_conversation ON conversation_log (conversation_id, at, id)

CREATE TABLE conversation_tags (
    conversation_id INTEGER NOT NULL,
    tag_id INTEGER NOT NULL,
    CONSTRAINT pk_conversation_tags PRIMARY KEY (conversation_id, tag_id),
    CONSTRAINT fk_conversation_tags_conversation_id FOREIGN KEY(conversation_id) REFERENCES conversations (id),
    CONSTRAINT fk_conversation_tags_tag_id FOREIGN KEY(tag_id) REFERENCES tags (id)
)

CREATE INDEX ix_conversation_tags_tag_id ON conversation_tags (tag_id)

CREATE TABLE import_rows (
    import_id INTEGER NOT NULL,
    "row" INTEGER NOT NULL,
    given JSON NOT NULL,
    verdict VARCHAR NOT NULL,
    why VARCHAR DEFAULT '' NOT NULL,
    contact_id INTEGER,
    "before" JSON,
    CONSTRAINT pk_import_rows PRIMARY KEY (import_id, "row"),
    CONSTRAINT fk_import_rows_import_id FOREIGN KEY(import_id) REFERENCES imports (id),
    CONSTRAINT fk_import_rows_contact_id FOREIGN KEY(contact_id) REFERENCES contacts (id)
)

CREATE INDEX ix_import_rows_contact_id ON import_rows (contact_id)

ALTER TABLE messages ADD COLUMN import_id INTEGER

ALTER TABLE messages ADD COLUMN priority VARCHAR DEFAULT 'normal' NOT NULL

ALTER TABLE messages ADD COLUMN starred_at BIGINT

ALTER TABLE messages ADD COLUMN starred_by VARCHAR

DROP INDEX ix_messages_outbox

CREATE INDEX ix_messages_outbox ON messages (line_id, rank, priority, due_at, id) WHERE state IN ('queued', 'sending')

CREATE INDEX ix_messages_author ON messages (author_id, id) WHERE author_kind = 'person'

CREATE INDEX ix_messages_created ON messages (created_at) WHERE import_id IS NULL

CREATE INDEX ix_messages_import ON messages (import_id) WHERE import_id IS NOT NULL

CREATE INDEX ix_messages_starred ON messages (starred_at) WHERE starred_at IS NOT NULL

CREATE TABLE notes (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    public_id VARCHAR NOT NULL,
    conversation_id INTEGER NOT NULL,
    author_id INTEGER,
    author_name VARCHAR NOT NULL,
    body TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    CONSTRAINT uq_notes_public_id UNIQUE (public_id),
    CONSTRAINT fk_notes_conversation_id FOREIGN KEY(conversation_id) REFERENCES conversations (id),
    CONSTRAINT fk_notes_author_id FOREIGN KEY(author_id) REFERENCES users (id)
)

CREATE INDEX ix_notes_author ON notes (author_id, id)

CREATE INDEX ix_notes_conversation ON notes (conversation_id, created_at, id)

CREATE VIRTUAL TABLE notes_fts USING fts5(body, content='notes', content_rowid='id', tokenize='unicode61 remove_diacritics 2')

CREATE TABLE reads (
    user_id INTEGER NOT NULL,
    conversation_id INTEGER NOT NULL,
    message_id INTEGER NOT NULL,
    CONSTRAINT pk_reads PRIMARY KEY (user_id, conversation_id),
    CONSTRAINT fk_reads_user_id FOREIGN KEY(user_id) REFERENCES users (id),
    CONSTRAINT fk_reads_conversation_id FOREIGN KEY(conversation_id) REFERENCES conversations (id)
)

CREATE INDEX ix_reads_conversation_id ON reads (conversation_id)

CREATE TABLE template_texts (
    template_id INTEGER NOT NULL,
    language VARCHAR NOT NULL,
    body TEXT NOT NULL,
    CONSTRAINT pk_template_texts PRIMARY KEY (template_id, language),
    CONSTRAINT fk_template_texts_template_id FOREIGN KEY(template_id) REFERENCES templates (id)
)

CREATE TABLE text_drafts (
    user_id INTEGER NOT NULL,
    conversation_id INTEGER NOT NULL,
    kind VARCHAR NOT NULL,
    body TEXT NOT NULL,
    changed_at BIGINT NOT NULL,
    CONSTRAINT pk_text_drafts PRIMARY KEY (user_id, conversation_id, kind),
    CONSTRAINT fk_text_drafts_user_id FOREIGN KEY(user_id) REFERENCES users (id),
    CONSTRAINT fk_text_drafts_conversation_id FOREIGN KEY(conversation_id) REFERENCES conversations (id)
)

CREATE INDEX ix_text_drafts_conversation_id ON text_drafts (conversation_id)

CREATE TABLE mentions (
    note_id INTEGER NOT NULL,
    user_id INTEGER NOT NULL,
    conversation_id INTEGER NOT NULL,
    seen_at BIGINT,
    CONSTRAINT pk_mentions PRIMARY KEY (note_id, user_id),
    CONSTRAINT fk_mentions_note_id FOREIGN KEY(note_id) REFERENCES notes (id),
    CONSTRAINT fk_mentions_user_id FOREIGN KEY(user_id) REFERENCES users (id),
    CONSTRAINT fk_mentions_conversation_id FOREIGN KEY(conversation_id) REFERENCES conversations (id)
)

CREATE INDEX ix_mentions_conversation_id ON mentions (conversation_id)

CREATE INDEX ix_mentions_unseen ON mentions (user_id, note_id) WHERE seen_at IS NULL

CREATE INDEX ix_mentions_user ON mentions (user_id, note_id)

UPDATE users SET reads_from_id = coalesce((SELECT max(id) FROM messages), 0)

INSERT INTO reads (user_id, conversation_id, message_id)
SELECT users.id, conversations.id, conversations.seen_message_id FROM conversations, users
WHERE conversations.last_inbound_id > conversations.seen_message_id AND users.disabled_at IS NULL

UPDATE conversations SET state = 'closed', closed_at = last_message_at
WHERE waiting_since IS NULL AND last_inbound_id <= seen_message_id
AND last_message_at < (SELECT max(last_message_at) FROM conversations) - 1209600000000

ALTER TABLE api_tokens ADD COLUMN owner_id INTEGER

ALTER TABLE invitations ADD COLUMN for_user_id INTEGER

CREATE TABLE recovery_codes (
    user_id INTEGER NOT NULL,
    code_hash VARCHAR NOT NULL,
    used_at BIGINT,
    CONSTRAINT pk_recovery_codes PRIMARY KEY (user_id, code_hash),
    CONSTRAINT fk_recovery_codes_user_id FOREIGN KEY(user_id) REFERENCES users (id)
)

INSERT INTO recovery_codes (user_id, code_hash)
SELECT id, recovery_hash FROM users WHERE recovery_hash IS NOT NULL

ALTER TABLE users DROP COLUMN recovery_hash

CREATE INDEX ix_audit_actor ON audit (actor, id)

CREATE TRIGGER audit_keeps BEFORE UPDATE ON audit
WHEN NOT (
    EXISTS (SELECT 1 FROM erasures WHERE ended_at IS NULL)
    AND new.id = old.id AND new.at = old.at AND new.actor = old.actor AND new.action = old.action
    AND new.address IS old.address
    AND (new.object = old.object OR new.object = '')
    AND (new.before IS old.before OR new.before = 'null')
    AND (new.after IS old.after OR new.after = 'null')
)
BEGIN SELECT RAISE(ABORT, 'the audit log is kept as it was written'); END

CREATE TRIGGER audit_stays BEFORE DELETE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit log is kept as it was written'); END
