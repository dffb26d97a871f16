PRAGMA application_id = 1465011532;
BEGIN TRANSACTION;
CREATE TABLE "_sqlite_migrations" (
   "id" INTEGER PRIMARY KEY,
   "migration_set" TEXT,
   "name" TEXT,
   "applied_at" TEXT
);
INSERT INTO "_sqlite_migrations" VALUES(1,'warmline.store','0001_the_record','2026-11-22 02:52:43.505833+00:00');
CREATE TABLE accepted (
    conversation TEXT NOT NULL REFERENCES conversations (id),
    sender TEXT NOT NULL,
    id TEXT NOT NULL,
    seq INTEGER NOT NULL CHECK (seq >= 0),
    PRIMARY KEY (conversation, sender, id)
) STRICT, WITHOUT ROWID;
INSERT INTO "accepted" VALUES('c-jo','customer','f1',1);
INSERT INTO "accepted" VALUES('c-mara','anna','a1',4);
INSERT INTO "accepted" VALUES('c-mara','customer','f1',2);
CREATE TABLE accounts (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    role TEXT NOT NULL CHECK (role IN ('agent', 'supervisor')),
    password_hash TEXT NOT NULL,
    sessions INTEGER NOT NULL CHECK (sessions >= 1),
    status TEXT NOT NULL CHECK (status IN ('online', 'away'))
) STRICT;
INSERT INTO "accounts" VALUES('anna','Anna','supervisor','$argon2id$not-real',2,'away');
CREATE TABLE analyses (
    conversation TEXT NOT NULL,
    seq INTEGER NOT NULL,
    analysis TEXT NOT NULL,
    PRIMARY KEY (conversation, seq),
    FOREIGN KEY (conversation, seq) REFERENCES messages (conversation, seq)
) STRICT, WITHOUT ROWID;
INSERT INTO "analyses" VALUES('c-mara',2,'{"intent":"order_status","confidence":0.9,"mood":{"value":0.7,"reasons":[{"name":"caps","weight":0.2,"text":"shouting"}]},"outcome":"failed","did":"looked up A1042"}');
CREATE TABLE audit (
    number INTEGER PRIMARY KEY,
    at REAL NOT NULL,
    conversation TEXT NOT NULL REFERENCES conversations (id),
    actor TEXT NOT NULL,
    act TEXT NOT NULL,
    detail TEXT NOT NULL
) STRICT;
INSERT INTO "audit" VALUES(1,110.0,'c-mara','bot','escalated','{"rule":"angry"}');
INSERT INTO "audit" VALUES(2,120.0,'c-mara','anna','claimed','{}');
CREATE TABLE conversations (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    customer_id TEXT NOT NULL,
    created_at REAL NOT NULL,
    updated_at REAL NOT NULL,
    owner TEXT NOT NULL CHECK (owner IN ('bot', 'queue', 'agent', 'closed')),
    epoch INTEGER NOT NULL CHECK (epoch >= 1),
    version INTEGER NOT NULL CHECK (version >= 0),
    seq INTEGER NOT NULL CHECK (seq >= 0),
    agent_id TEXT,
    asked_at REAL,
    rest TEXT NOT NULL,
    CHECK ((owner = 'agent') = (agent_id IS NOT NULL))
) STRICT;
INSERT INTO "conversations" VALUES(1,'c-mara','u1',100.0,120.0,'agent',1,5,4,'anna',50.0,'{"customer":{"id":"u1","name":"Mara K.","email":"mara@example.org","sure":"signed"},"agent":{"id":"anna","name":"Anna"},"handoff":{"asked_at":50.0,"event":"escalated","decision":{"escalate":true,"rule":"angry","cause":"mood","urgency_min":5,"queue":"general","say":"I''ll bring in a colleague.","signals":[{"name":"vader","value":-0.7,"weight":0.4,"text":"harsh words"}],"turns":[2,4],"confidence":0.8,"counterfactual":"One answer that helped."},"offline":false,"contact":"mara@example.org"},"facts":[{"name":"order","label":"Order","value":"A1042","verified":true}]}');
INSERT INTO "conversations" VALUES(2,'c-jo','u2',130.0,131.0,'bot',1,2,1,NULL,NULL,'{"customer":{"id":"u2","name":"Mara K.","email":"mara@example.org","sure":"signed"}}');
CREATE TABLE memories (
    conversation TEXT PRIMARY KEY REFERENCES conversations (id),
    memory TEXT NOT NULL
) STRICT;
INSERT INTO "memories" VALUES('c-mara','{"slots":{"order":"A1042"}}');
CREATE TABLE messages (
    conversation TEXT NOT NULL REFERENCES conversations (id),
    seq INTEGER NOT NULL CHECK (seq >= 1),
    epoch INTEGER NOT NULL CHECK (epoch >= 1),
    at REAL NOT NULL,
    author TEXT NOT NULL CHECK (author IN ('customer', 'bot', 'agent', 'system')),
    text TEXT NOT NULL,
    rest TEXT NOT NULL,
    PRIMARY KEY (conversation, seq)
) STRICT, WITHOUT ROWID;
INSERT INTO "messages" VALUES('c-jo',1,1,131.0,'customer','yes','{}');
INSERT INTO "messages" VALUES('c-mara',1,1,100.0,'bot','Hi, I''m the assistant.','{"code":"opening"}');
INSERT INTO "messages" VALUES('c-mara',2,1,101.0,'customer','Where is A1042?','{}');
INSERT INTO "messages" VALUES('c-mara',3,1,103.0,'bot','Shall I look?','{"buttons":[{"title":"Yes","payload":"/affirm"},{"title":"No","payload":"/deny"}]}');
INSERT INTO "messages" VALUES('c-mara',4,1,120.0,'system','Anna has joined.','{"name":"Anna","code":"agent_joined"}');
CREATE TABLE notes (
    number INTEGER PRIMARY KEY,
    conversation TEXT NOT NULL REFERENCES conversations (id),
    agent TEXT NOT NULL,
    id TEXT NOT NULL,
    after_seq INTEGER NOT NULL CHECK (after_seq >= 0),
    at REAL NOT NULL,
    name TEXT NOT NULL,
    text TEXT NOT NULL,
    UNIQUE (conversation, agent, id)
) STRICT;
INSERT INTO "notes" VALUES(1,'c-mara','anna','a2',4,121.0,'Anna','She is right.');
CREATE TABLE outbox (
    conversation TEXT NOT NULL,
    seq INTEGER NOT NULL,
    epoch INTEGER NOT NULL CHECK (epoch >= 1),
    payload TEXT,
    at REAL NOT NULL,
    PRIMARY KEY (conversation, seq),
    FOREIGN KEY (conversation, seq) REFERENCES messages (conversation, seq)
) STRICT, WITHOUT ROWID;
INSERT INTO "outbox" VALUES('c-jo',1,1,'/affirm',131.0);
CREATE TABLE seats (
    connection TEXT PRIMARY KEY,
    agent TEXT NOT NULL,
    bridge TEXT NOT NULL,
    seen_at REAL NOT NULL
) STRICT;
CREATE TABLE secrets (
    name TEXT PRIMARY KEY,
    value BLOB NOT NULL
) STRICT;
INSERT INTO "secrets" VALUES('tickets',X'006F6C64FF');
CREATE TABLE timers (
    conversation TEXT NOT NULL REFERENCES conversations (id),
    name TEXT NOT NULL,
    at REAL NOT NULL,
    PRIMARY KEY (conversation, name)
) STRICT, WITHOUT ROWID;
INSERT INTO "timers" VALUES('c-mara','agent_grace',160.0);
CREATE UNIQUE INDEX "idx__sqlite_migrations_migration_set_name"
    ON "_sqlite_migrations" ("migration_set", "name");
CREATE INDEX conversations_by_customer ON conversations (customer_id, number);
CREATE INDEX conversations_at_desk ON conversations (asked_at)
    WHERE owner IN ('queue', 'agent') OR asked_at IS NOT NULL;
CREATE TRIGGER conversations_move_forwards BEFORE UPDATE ON conversations
WHEN NEW.version <> OLD.version + 1 OR NEW.epoch < OLD.epoch OR NEW.seq < OLD.seq OR NEW.id <> OLD.id
BEGIN
    SELECT RAISE(ABORT, 'a conversation only moves forwards, one version at a time');
END;
CREATE TRIGGER messages_are_dense BEFORE INSERT ON messages
WHEN NEW.seq <> 1 + (SELECT coalesce(max(seq), 0) FROM messages WHERE conversation = NEW.conversation)
BEGIN
    SELECT RAISE(ABORT, 'the seq of a message is the one after the last');
END;
CREATE INDEX timers_by_time ON timers (at);
CREATE INDEX audit_by_conversation ON audit (conversation, number);
CREATE INDEX audit_of_departures ON audit (number)
    WHERE act IN ('handed_back', 'transferred', 'agent_lost', 'ended');
COMMIT;
