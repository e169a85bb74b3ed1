-- Payloads live for seconds: compressing them costs more than the room they take.
ALTER TABLE "deliveries" ALTER COLUMN "payload" SET STORAGE EXTERNAL;
