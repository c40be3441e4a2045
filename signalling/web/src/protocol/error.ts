import type { ErrorCode } from './types';

/** What can go wrong on this side of the socket, besides the server's own codes. */
export type LocalErrorCode = 'disconnected' | 'timeout';

/** A request that was refused, or that never got its answer. */
export class ProtocolError extends Error {
  override readonly name = 'ProtocolError';

  constructor(
    readonly code: ErrorCode | LocalErrorCode,
    message: string,
    readonly field?: string,
  ) {
    super(message);
  }
}
