import type { FastifyReply, FastifyRequest } from 'fastify';

/** What differs between our cookies; the rest is the same for all. */
export interface CookieOptions {
  /** Below which path it is sent. */
  readonly path: string;
  /** Seconds; 0 removes it. */
  readonly maxAge: number;
  /** Whether the browser sends it over https alone. */
  readonly secure: boolean;
}

/** The value of a cookie of the request; the first one where it comes twice. */
export function cookieOf(request: FastifyRequest, name: string): string | undefined {
  for (const part of (request.headers.cookie ?? '').split(';')) {
    const [key = '', value] = part.trim().split('=', 2);
    if (key === name) return value;
  }
  return undefined;
}

/** Adds a cookie (RFC 6265) that no script can read and no other site's form sends along. Give a value of token characters. */
export function setCookie(reply: FastifyReply, name: string, value: string, options: CookieOptions): void {
  const { path, maxAge, secure } = options;
  const cookie = `${name}=${value}; Path=${path}; Max-Age=${maxAge}; HttpOnly; SameSite=Lax${secure ? '; Secure' : ''}`;
  const before = reply.getHeader('set-cookie');
  const list = Array.isArray(before) ? before : before === undefined ? [] : [String(before)];
  void reply.header('set-cookie', [...list, cookie]);
}
