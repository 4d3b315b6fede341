"""The reference back office's tables. Amounts are integers in the currency's minor units, moments Unix seconds."""

#: Raised with every change of the tables.
VERSION = 1
#: Says of a file whose it is: "wbo1".
APPLICATION_ID = 0x77626F31

TABLES = """
CREATE TABLE sequences (name TEXT PRIMARY KEY, last INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE players (
    player_id TEXT PRIMARY KEY, name TEXT NOT NULL, email TEXT NOT NULL UNIQUE COLLATE NOCASE, phone TEXT,
    note TEXT NOT NULL, currency TEXT NOT NULL, language TEXT, registered_at INTEGER NOT NULL, last_login INTEGER,
    kyc_status TEXT NOT NULL, kyc_level TEXT NOT NULL, verified_at INTEGER, kyc_expires_at INTEGER,
    required_documents TEXT NOT NULL, withdrawal_status TEXT NOT NULL, affiliate_name TEXT, affiliate_source TEXT,
    vip_manager TEXT, blocked INTEGER NOT NULL, segments TEXT NOT NULL, settings TEXT NOT NULL,
    cash INTEGER NOT NULL DEFAULT 0 CHECK (cash >= 0), bonus INTEGER NOT NULL DEFAULT 0 CHECK (bonus >= 0),
    minutes_used INTEGER NOT NULL DEFAULT 0, minutes_day INTEGER NOT NULL DEFAULT 0, updated_at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE transactions (
    id INTEGER PRIMARY KEY, player_id TEXT NOT NULL REFERENCES players, event_type TEXT NOT NULL,
    direction TEXT NOT NULL, amount INTEGER NOT NULL CHECK (amount > 0), balance_type TEXT NOT NULL,
    balance_after INTEGER NOT NULL, status TEXT NOT NULL, description TEXT, reference_id TEXT,
    created_at INTEGER NOT NULL
);
CREATE INDEX transactions_of_player ON transactions (player_id, created_at, id);
CREATE INDEX transactions_of_reference ON transactions (reference_id);
CREATE TABLE operations (
    id INTEGER PRIMARY KEY, player_id TEXT, kind TEXT NOT NULL, details TEXT NOT NULL, at INTEGER NOT NULL
);
CREATE TABLE withdrawals (
    id INTEGER PRIMARY KEY, player_id TEXT NOT NULL REFERENCES players, amount INTEGER NOT NULL,
    status TEXT NOT NULL, raw_status TEXT, payment_method TEXT, requested_at INTEGER NOT NULL, processed_at INTEGER,
    cancellable INTEGER NOT NULL, rejection_reason TEXT, cancel_reason TEXT, cancelled_by TEXT
);
CREATE INDEX withdrawals_of_player ON withdrawals (player_id, requested_at, id);
CREATE TABLE deposits (
    id INTEGER PRIMARY KEY, player_id TEXT NOT NULL REFERENCES players, amount INTEGER NOT NULL,
    status TEXT NOT NULL, raw_status TEXT, payment_method TEXT, created_at INTEGER NOT NULL, completed_at INTEGER,
    failure_reason TEXT
);
CREATE INDEX deposits_of_player ON deposits (player_id, created_at, id);
CREATE TABLE bonus_types (
    bonus_type_id TEXT PRIMARY KEY, name TEXT NOT NULL, code TEXT NOT NULL UNIQUE, description TEXT,
    benefit_type TEXT NOT NULL, amount TEXT NOT NULL, wager_requirement TEXT NOT NULL, criteria_type TEXT,
    rule TEXT NOT NULL, expires_at INTEGER
) WITHOUT ROWID;
CREATE TABLE bonuses (
    id INTEGER PRIMARY KEY, player_id TEXT NOT NULL REFERENCES players, bonus_type_id TEXT NOT NULL,
    name TEXT NOT NULL, code TEXT, benefit_type TEXT NOT NULL, amount INTEGER, wager_requirement INTEGER,
    wagered INTEGER, status TEXT NOT NULL, issued_at INTEGER NOT NULL, expires_at INTEGER, added_by TEXT, reason TEXT
);
CREATE INDEX bonuses_of_player ON bonuses (player_id, issued_at, id);
CREATE TABLE documents (
    id INTEGER PRIMARY KEY, player_id TEXT NOT NULL REFERENCES players, type TEXT NOT NULL, status TEXT NOT NULL,
    submitted_at INTEGER, reviewed_at INTEGER, expires_at INTEGER, rejection_reason TEXT
);
CREATE INDEX documents_of_player ON documents (player_id, id);
CREATE TABLE limits (
    player_id TEXT NOT NULL REFERENCES players, type TEXT NOT NULL, amount INTEGER NOT NULL,
    PRIMARY KEY (player_id, type)
) WITHOUT ROWID;
CREATE TABLE closures (
    player_id TEXT PRIMARY KEY REFERENCES players, type TEXT NOT NULL, start_date INTEGER NOT NULL,
    end_date INTEGER, reason TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE notes (
    id INTEGER PRIMARY KEY, player_id TEXT NOT NULL REFERENCES players, content TEXT NOT NULL, author TEXT,
    category TEXT, pinned INTEGER NOT NULL, created_at INTEGER NOT NULL
);
CREATE INDEX notes_of_player ON notes (player_id, created_at, id);
CREATE TABLE sessions (digest BLOB PRIMARY KEY, player_id TEXT NOT NULL, expires_at INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE ended_sessions (digest BLOB PRIMARY KEY, until INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE answered (
    player_id TEXT NOT NULL, key TEXT NOT NULL, request BLOB NOT NULL, status INTEGER NOT NULL, body BLOB NOT NULL,
    at INTEGER NOT NULL, PRIMARY KEY (player_id, key)
) WITHOUT ROWID;
CREATE INDEX answered_at ON answered (at);
"""
