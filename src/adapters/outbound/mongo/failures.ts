import { mongo } from 'mongoose';
import { Unavailable } from '#application/unavailable.ts';

/** Not the primary: the server refuses before it does anything. */
const NOT_PRIMARY_CODES = [10_107, 10_058, 13_435];

/** The primary stepped down or is shutting down: the command may or may not have been done. */
const STEPPING_DOWN_CODES = [91, 189, 11_600, 11_602, 13_436];

/** A host that cannot be reached or is too slow, behind whoever answered; or a majority that did not confirm in time. */
const PASSING_CODES = [6, 7, 50, 64, 89, 133, 134, 202, 262, 9_001, 11_601, ...NOT_PRIMARY_CODES, ...STEPPING_DOWN_CODES];

const PASSING_ERRORS = [
  'MongoServerSelectionError',
  'MongooseServerSelectionError',
  'MongoWaitQueueTimeoutError',
  'MongoPoolClosedError',
  'MongoNotConnectedError',
  'MongoTopologyClosedError',
  'MongoClientClosedError',
  'MongoOperationTimeoutError',
];

/** Errors of the socket itself, which the driver hands on as they are when they meet it while it writes a command. */
const SOCKET_CODES = ['EPIPE', 'ECONNRESET', 'ERR_STREAM_DESTROYED', 'ERR_STREAM_WRITE_AFTER_END'];

/** Whether an index refused a second document with the same value. */
export function isDuplicateKey(error: unknown): boolean {
  return codeOf(error) === 11_000;
}

/** Whether the server surely did nothing, and another one is or will be there to do it. */
export function isUndone(error: unknown): boolean {
  // A write concern that failed is told with the same codes, of a write that was done.
  return NOT_PRIMARY_CODES.includes(codeOf(error)) && !(error instanceof mongo.MongoWriteConcernError);
}

/** Whether the answer was lost on its way; not for a server that is too slow, which a second command would not help. */
export function isAnswerLost(error: unknown): boolean {
  if (error instanceof mongo.MongoNetworkError) return !(error instanceof mongo.MongoNetworkTimeoutError);
  return isSocketError(error) || STEPPING_DOWN_CODES.includes(codeOf(error));
}

/** Whether waiting may mend it. */
export function isPassing(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  // Mongoose has no name of its own for a connection that this process has closed.
  if (error.name === 'MongooseError' && error.message === 'Connection was force closed') return true;
  if (error instanceof mongo.MongoNetworkError || isSocketError(error)) return true;
  return PASSING_ERRORS.includes(error.name) || PASSING_CODES.includes(codeOf(error));
}

function isSocketError(error: unknown): boolean {
  return error instanceof Error && 'code' in error && SOCKET_CODES.includes(String(error.code));
}

/** Unavailable for what may pass, any other error as it is. */
export function toUnavailable(error: unknown): unknown {
  return isPassing(error) ? new Unavailable('MongoDB cannot be used now.', { cause: error }) : error;
}

/** The server's own number for its error; 0 for every other error. */
export function codeOf(error: unknown): number {
  return error instanceof mongo.MongoServerError && typeof error.code === 'number' ? error.code : 0;
}
