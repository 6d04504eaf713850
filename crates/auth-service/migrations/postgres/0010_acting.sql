-- By which name tokens mean the client itself, and the services at which it may act for users, space-separated; null for
-- both if it may nowhere.
ALTER TABLE clients ADD COLUMN service text;
ALTER TABLE clients ADD COLUMN acts_at text;
