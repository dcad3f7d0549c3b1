// Exit status 0 when the service in this container says that it is ready.
const port = process.env.SLIPWAY_HTTP_PORT ?? '8080';
const response = await fetch(`http://127.0.0.1:${port}/health/ready`, { signal: AbortSignal.timeout(4_000) });
const text = await response.text();
if (!response.ok) {
  console.error(text);
  process.exit(1);
}
