/** The tables of the Lawsker platform: naive timestamps, inet, jsonb, and NULL where it recorded nothing. */
export const PLATFORM_TABLES = `
  create table access_logs (
    id uuid primary key default gen_random_uuid(),
    user_id varchar(36),
    session_id varchar(64),
    ip_address inet not null,
    user_agent text,
    referer text,
    request_path varchar(500) not null,
    request_method varchar(10),
    status_code integer,
    response_time integer,
    device_type varchar(50),
    browser varchar(100),
    os varchar(100),
    country varchar(100),
    region varchar(100),
    city varchar(100),
    created_at timestamp without time zone default now()
  );
  create table user_activity_logs (
    id bigserial primary key,
    user_id varchar(36) not null,
    action varchar(100) not null,
    resource_type varchar(50),
    resource_id varchar(100),
    details jsonb,
    ip_address inet,
    user_agent text,
    session_id varchar(64),
    created_at timestamp without time zone default now()
  );`;
