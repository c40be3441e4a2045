import { useEffect, useState } from 'react';
import { ProtocolError, type MeetingId, type Report } from '../protocol';
import { useLive } from './LiveContext';

/** The report of one meeting; null until the server has made it. */
export function useReport(meeting: MeetingId): { report: Report | null; isMissing: boolean } {
  const live = useLive();
  const [report, setReport] = useState<Report | null>(null);
  const [isMissing, setMissing] = useState(false);

  useEffect(() => {
    const ask = (): void => {
      live.client.request('history.report', { meeting }).then(
        (reply) => setReport(reply.report),
        (error: unknown) =>
          setMissing(error instanceof ProtocolError && error.code === 'not_found'),
      );
    };
    if (live.ready) {
      ask();
    }
    return live.onReady(ask);
  }, [live, meeting]);

  return { report, isMissing };
}
