import { useEffect, useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { ConnectionBanner } from './parts/ConnectionBanner';
import { Header } from './parts/Header';
import { ShortcutProvider } from './parts/shortcuts';
import { Toaster } from './parts/Toaster';
import { ProtocolClient, type User } from './protocol';
import { logout } from './protocol/rest';
import { Calendar } from './screens/calendar/Calendar';
import { History } from './screens/history/History';
import { PastMeeting } from './screens/history/PastMeeting';
import { Home } from './screens/home/Home';
import { Invitations } from './screens/invitations/Invitations';
import { Login } from './screens/login/Login';
import { Meeting } from './screens/meeting/Meeting';
import { Notice } from './screens/Notice';
import { PlanScreen } from './screens/plan/PlanScreen';
import { Readiness } from './screens/readiness/Readiness';
import { Recordings } from './screens/recordings/Recordings';
import { Rehearsal } from './screens/rehearsal/Rehearsal';
import { Setup } from './screens/setup/Setup';
import { Live } from './state/live';
import type { MeetingId } from './protocol';
import { LiveContext } from './state/LiveContext';
import { replace, useRoute, type Route } from './state/useRoute';
import { useSession } from './state/useSession';

const MEETING = /^\/meeting\/(\d+)$/;
const PAST = /^\/history\/(\d+)$/;

function meetingOf(path: string, pattern = MEETING): MeetingId | undefined {
  const digits = pattern.exec(path)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

/** Which screen is shown: by who is logged in, then by the place in the address. */
export function App() {
  const { t } = useTranslation();
  const route = useRoute();
  const { session, refresh } = useSession();

  switch (session.kind) {
    case 'loading':
      return <Notice text={t('app.loading')} isBusy />;
    case 'unreachable':
      return <Notice text={t('app.unreachable')} isBusy />;
    case 'anonymous':
      return route.path === '/setup' ? (
        <Setup token={route.query.get('token') ?? ''} isOpen={session.setup} onDone={refresh} />
      ) : (
        <Login needsSetup={session.setup} onDone={refresh} />
      );
    case 'user':
      return <Inside key={session.user.name} user={session.user} route={route} refresh={refresh} />;
  }
}

interface InsideProps {
  user: User;
  route: Route;
  refresh: () => Promise<void>;
}

/** The screens of somebody who is logged in; they share one socket. */
function Inside({ user, route, refresh }: InsideProps) {
  const { t } = useTranslation();
  const live = useLiveConnection(refresh);
  const meeting = meetingOf(route.path);
  const past = meetingOf(route.path, PAST);
  const isEntry = route.path === '/setup' || route.path === '/login';

  useEffect(() => {
    if (isEntry) {
      replace('/');
    }
  }, [isEntry]);

  const leave = (): void => {
    logout().catch(() => undefined).finally(() => void refresh());
  };

  return (
    <LiveContext.Provider value={live}>
      <ShortcutProvider>
        <Toaster>
          <a className="dc-skip" href="#main" onClick={skip}>
            {t('app.skip')}
          </a>
          <div className="dc-app" data-fits={meeting !== undefined}>
            <ConnectionBanner inMeeting={meeting !== undefined} />
            <Header user={user} onLogout={leave} />
            {meeting !== undefined ? (
              <Meeting key={meeting} id={meeting} user={user} />
            ) : past !== undefined ? (
              <PastMeeting key={past} id={past} />
            ) : route.path === '/history' ? (
              <History />
            ) : route.path === '/' || isEntry ? (
              <Home user={user} />
            ) : route.path === '/calendar' ? (
              <Calendar user={user} />
            ) : route.path === '/plan' ? (
              <PlanScreen key={route.query.toString()} query={route.query} user={user} />
            ) : route.path === '/invitations' ? (
              <Invitations key={route.query.toString()} query={route.query} user={user} />
            ) : route.path === '/readiness' ? (
              <Readiness query={route.query} />
            ) : route.path === '/recordings' ? (
              <Recordings user={user} />
            ) : route.path === '/rehearsal' ? (
              <Rehearsal user={user} />
            ) : (
              <Notice text={t('app.notFound')} />
            )}
          </div>
        </Toaster>
      </ShortcutProvider>
    </LiveContext.Provider>
  );
}

/** Moves the focus without touching the address, which is the route. */
function skip(event: { preventDefault: () => void }): void {
  event.preventDefault();
  const main = document.getElementById('main');
  main?.setAttribute('tabindex', '-1');
  main?.focus();
}

function useLiveConnection(onDoubt: () => Promise<void>): Live {
  const live = useMemo(() => {
    const url = new URL('ws', window.location.href.replace(/#.*/, ''));
    url.protocol = url.protocol === 'http:' ? 'ws:' : 'wss:';
    return new Live(new ProtocolClient({ url: url.href }), () => void onDoubt());
  }, [onDoubt]);

  useEffect(() => {
    const retry = (): void => live.client.retryNow();
    live.start();
    window.addEventListener('online', retry);
    return () => {
      window.removeEventListener('online', retry);
      live.stop();
    };
  }, [live]);

  return live;
}
