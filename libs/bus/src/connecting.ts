import { type AppError, connectionWords, temporary } from '#errors';
import { connect, type ChannelModel, type SocketOptions } from 'amqplib';

/**
 * One connection to the broker.
 *
 * @param name as the broker shows it
 * @throws temporary `bus.unavailable` with the address, without the password, and the reason in words
 */
export async function openConnection(
  address: string,
  heartbeatSeconds: number,
  name: string,
): Promise<ChannelModel> {
  const url = new URL(address);
  // amqplib reads the heartbeat of a URL from its query alone.
  url.searchParams.set('heartbeat', String(heartbeatSeconds));
  const socket: SocketOptions & { highWaterMark: number } = {
    // Nagle's algorithm delays every message above 2 KB by tens of milliseconds.
    noDelay: true,
    // Node’s own 16 KiB end each `WriteBatch` after a dozen messages: the rest would leave one by one.
    highWaterMark: 1024 * 1024,
    keepAlive: true,
    timeout: 10_000,
    clientProperties: { connection_name: name },
  };
  try {
    return await connect(url.href, socket);
  } catch (cause) {
    throw unreachable(url, cause);
  }
}

function unreachable(url: URL, cause: unknown): AppError {
  const { protocol, hostname, port, pathname, username } = url;
  const isTls = protocol === 'amqps:';
  const where = `${protocol}//${hostname}:${port || (isTls ? '5671' : '5672')}`;
  const vhost = decodeURIComponent(pathname.slice(1)) || '/';
  const user = decodeURIComponent(username) || 'guest';
  const why = wordsOf(cause, { vhost, user, isTls });
  return temporary('bus.unavailable', `the broker at ${where} cannot be used: ${why}`, { cause });
}

interface Asked {
  readonly vhost: string;
  readonly user: string;
  readonly isTls: boolean;
}

/** What amqplib tells of a handshake that failed is about frames; who reads it has to mend an address or a password. */
function wordsOf(cause: unknown, { vhost, user, isTls }: Asked): string {
  const said = cause instanceof Error ? cause.message : String(cause);
  if (/ACCESS.REFUSED/.test(said)) return `it refuses the user "${user}" with this password`;
  // The broker's reason is in the frame that amqplib did not expect, and is not handed on.
  if (/Expected ConnectionOpenOk/.test(said))
    return `it has no vhost "${vhost}", or the user "${user}" may not use it`;
  if (/Frame size|Expected ConnectionStart|Invalid frame|Expected ProtocolHeader/i.test(said))
    return 'what answers there does not speak AMQP 0-9-1';
  if (/closed abruptly/.test(said))
    return `what answers there hung up: is it RabbitMQ${isTls ? '' : ', and does it want amqps://'}?`;
  return connectionWords(cause);
}
