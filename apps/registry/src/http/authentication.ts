import type { FastifyReply, FastifyRequest } from 'fastify';
import { permanent } from '#errors';
import type { HouseTokens, Identity } from '#access';

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

/**
 * By the header where there is one, else by cookies. Never by the address: addresses are logged and shared. Another
 * service of the house comes with a token under the key ring that all of them share.
 */
export function authenticationBy(
  readers: readonly TokenReader[],
  cookies: CookieReader,
  house: Pick<HouseTokens, 'open'>,
): Authentication {
  return {
    identify: async (request, reply) => {
      const { authorization } = request.headers;
      if (authorization === undefined) return cookies.identify(request, reply);
      if (/^slipway /i.test(authorization) && authorization.length <= longestToken)
        return aService(house.open(authorization));
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

/**
 * Of other services only those that read for themselves: what is issued here in somebody's name, for the monitor, is not
 * to come back and act for them.
 */
function aService(identity: Identity): Identity {
  if (identity.subject.startsWith('service:') && identity.role === 'reader') return identity;
  throw permanent('access.unknown_token', 'services of the house may read here, for themselves', {
    level: 'info',
  });
}
