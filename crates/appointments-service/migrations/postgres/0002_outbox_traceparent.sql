-- In whose trace a message was written (W3C Trace Context); null when nobody said.
ALTER TABLE outbox ADD COLUMN traceparent text;
