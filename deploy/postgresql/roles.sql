-- Two roles: one owns the tables and migrates them, one runs the service and can alter
-- nothing of them. Once, as a superuser, in the new database named solvequeue, before
-- the tables are made:
--
--   psql -d solvequeue -v ON_ERROR_STOP=1 -f deploy/postgresql/roles.sql
--   psql -d solvequeue -c '\password solvequeue_owner' -c '\password solvequeue_run'
--
-- Then `python -m db.schema` runs with the owner's DATABASE_URL, before each new version
-- starts; all else runs with the other's.

CREATE ROLE solvequeue_owner LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE;
CREATE ROLE solvequeue_run LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE;

REVOKE ALL ON DATABASE solvequeue FROM PUBLIC;
GRANT CONNECT ON DATABASE solvequeue TO solvequeue_owner, solvequeue_run;

REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE, CREATE ON SCHEMA public TO solvequeue_owner;
GRANT USAGE ON SCHEMA public TO solvequeue_run;

-- Of the tables that the owner makes, today and with later versions.
ALTER DEFAULT PRIVILEGES FOR ROLE solvequeue_owner IN SCHEMA public
  GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO solvequeue_run;
ALTER DEFAULT PRIVILEGES FOR ROLE solvequeue_owner IN SCHEMA public
  GRANT USAGE ON SEQUENCES TO solvequeue_run;
