const form = 'amqp://user:password@host:5672/vhost';

/** What is wrong with this address of a broker, if anything; in words that do not repeat it: it holds a password. */
export function addressFault(address: string): string | undefined {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  // To a parser `amqp:/x` is a URL too, and amqplib connects to this very machine where no host is named.
  if (url?.hostname && /^amqps?:$/.test(url.protocol)) return undefined;
  return `expected a URL that starts with amqp:// or amqps:// and names a host, as ${form}`;
}
