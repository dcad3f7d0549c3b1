const words: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there',
  ENOTFOUND: 'there is no host of this name',
  EAI_AGAIN: 'the name service does not answer',
  EHOSTUNREACH: 'there is no way to this host',
  ENETUNREACH: 'there is no way to its network',
  ETIMEDOUT: 'it does not answer',
  UND_ERR_CONNECT_TIMEOUT: 'it does not answer',
  UND_ERR_HEADERS_TIMEOUT: 'it does not answer',
  UND_ERR_BODY_TIMEOUT: 'it fell silent',
  ABORT_ERR: 'it was broken off from this side',
  ECONNRESET: 'it broke the connection off',
  EPIPE: 'it broke the connection off',
  UND_ERR_SOCKET: 'it broke the connection off',
  HPE_INVALID_CONSTANT: 'what answers there is no HTTP',
  ERR_SSL_WRONG_VERSION_NUMBER: 'what answers there is no TLS: is the address to begin without the s?',
  ERR_SSL_PACKET_LENGTH_TOO_LONG: 'what answers there is no TLS: is the address to begin without the s?',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is self-signed: set NODE_EXTRA_CA_CERTS to a file with it',
  SELF_SIGNED_CERT_IN_CHAIN:
    'its certificate is of an unknown authority: set NODE_EXTRA_CA_CERTS to a file with that',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its certificate is of an unknown authority: set NODE_EXTRA_CA_CERTS',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'its certificate is of an unknown authority: set NODE_EXTRA_CA_CERTS',
  CERT_HAS_EXPIRED: 'its certificate has expired',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another name',
};

/**
 * Why there is no connection, for whoever has to mend it, with the system's own code to search for: `nothing listens
 * there (ECONNREFUSED)`. What has no words here is told by its code, or its message.
 */
export function connectionWords(cause: unknown): string {
  if (isTimeout(cause)) return 'it does not answer';
  const code = codeOf(cause);
  if (code === undefined) return messageOf(cause);
  const known = words[code];
  return known === undefined ? code : `${known} (${code})`;
}

/** Of the error itself, of the first of several addresses that were tried, or of what fetch wraps. */
function codeOf(thrown: unknown): string | undefined {
  if (typeof thrown !== 'object' || thrown === null) return undefined;
  if ('code' in thrown && typeof thrown.code === 'string') return thrown.code;
  if ('errors' in thrown && Array.isArray(thrown.errors)) return codeOf(thrown.errors[0]);
  return 'cause' in thrown ? codeOf(thrown.cause) : undefined;
}

/** Of `AbortSignal.timeout`, whose error has a name and a number. */
const isTimeout = (thrown: unknown): boolean =>
  typeof thrown === 'object' && thrown !== null && 'name' in thrown && thrown.name === 'TimeoutError';

/** `fetch failed` alone says nothing: what it failed by stands in its cause. */
function messageOf(thrown: unknown): string {
  if (typeof thrown !== 'object' || thrown === null || !('message' in thrown)) return String(thrown);
  if (thrown.message === 'fetch failed' && 'cause' in thrown && thrown.cause) return messageOf(thrown.cause);
  return String(thrown.message);
}
