import type { FastifyReply, FastifyRequest } from 'fastify';
import { permanent } from '#errors';
import type { Identity } from '#access';

/** Tells who asks. */
export interface Authentication {
  /**
   * @returns undefined where the request says nothing about it
   * @throws AppError `access.*` (permanent) where what it says does not count, temporary where that cannot be known now
   */
  identify(request: FastifyRequest, reply: FastifyReply): Promise<Identity | undefined>;
}

/** One kind of token after `Authorization: Bearer`. */
export interface TokenReader {
  /** Whether it looks like one of its kind. */
  reads(token: string): boolean;
  /** @throws AppError `access.*` (permanent), or temporary */
  identify(token: string): Promise<Identity>;
}

/** Who the browser's cookies say it is. */
export interface CookieReader {
  identify(request: FastifyRequest, reply: FastifyReply): Promise<Identity | undefined>;
}

/** Injection token of the `Authentication`. */
export const AUTHENTICATION = Symbol('registry:authentication');

const longestToken = 16_384;

/** The token in the Authorization header. */
export const bearerOf = (request: FastifyRequest): string | undefined =>
  /^bearer +([\x21-\x7e]+)$/i.exec(request.headers.authorization ?? '')?.[1];

/** By the header where there is one, else by cookies. Never by the address: addresses are logged and shared. */
export function authenticationBy(readers: readonly TokenReader[], cookies: CookieReader): Authentication {
  return {
    identify: async (request, reply) => {
      if (request.headers.authorization === undefined) return cookies.identify(request, reply);
      const token = bearerOf(request);
      const reader =
        token && token.length <= longestToken ? readers.find((one) => one.reads(token)) : undefined;
      if (token && reader) return reader.identify(token);
      throw permanent('access.unknown_token', 'the Authorization header holds no token that is known here', {
        level: 'info',
      });
    },
  };
}
