import type { User } from './types';

/** An `application/problem+json` answer, or status 0 when the server could not be reached. */
export class RestError extends Error {
  override readonly name = 'RestError';

  constructor(
    readonly status: number,
    readonly code: string,
    readonly detail: string,
    readonly field?: string,
    readonly retryAfterS?: number,
  ) {
    super(detail || code || `HTTP ${status}`);
  }
}

export type Session =
  | { kind: 'user'; user: User; version: string }
  /** `setup` is true while the server has no user at all. */
  | { kind: 'anonymous'; setup: boolean };

/** The page that the last rehearsal left; it opens in a tab of its own. */
export const REHEARSAL_REPORT = '/api/v1/rehearsal/report';

export const REPORT_FORMATS = ['pdf', 'xlsx', 'csv'] as const;
export type ReportFormat = (typeof REPORT_FORMATS)[number];

/** Who attended a meeting, as a file to keep. */
export function reportFile(meeting: number, format: ReportFormat): string {
  return `/api/v1/history/${meeting}/report.${format}`;
}

export async function fetchSession(): Promise<Session> {
  const response = await send('GET', 'session');
  const body = await readJson(response);
  if (response.ok) {
    return { kind: 'user', user: body.user as User, version: String(body.version ?? '') };
  }
  if (response.status === 401) {
    return { kind: 'anonymous', setup: body.setup === true };
  }
  throw toError(response, body);
}

export function login(name: string, password: string): Promise<void> {
  return post('login', { name, password });
}

export function setup(token: string, name: string, password: string): Promise<void> {
  return post('setup', { token, name, password });
}

export function logout(): Promise<void> {
  return post('logout', {});
}

async function post(path: string, body: Record<string, string>): Promise<void> {
  const response = await send('POST', path, body);
  if (!response.ok) {
    throw toError(response, await readJson(response));
  }
}

async function send(method: string, path: string, body?: object): Promise<Response> {
  try {
    return await fetch(`/api/v1/${path}`, {
      method,
      credentials: 'same-origin',
      cache: 'no-store',
      ...(body && {
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify(body),
      }),
    });
  } catch {
    throw new RestError(0, 'unreachable', '');
  }
}

async function readJson(response: Response): Promise<Record<string, unknown>> {
  try {
    return (await response.json()) as Record<string, unknown>;
  } catch {
    return {};
  }
}

function toError(response: Response, body: Record<string, unknown>): RestError {
  const retryAfter = Number(response.headers.get('Retry-After'));
  return new RestError(
    response.status,
    String(body.code ?? ''),
    String(body.detail ?? body.title ?? ''),
    typeof body.field === 'string' ? body.field : undefined,
    Number.isFinite(retryAfter) && retryAfter > 0 ? Math.ceil(retryAfter) : undefined,
  );
}
