import { useTranslation } from 'react-i18next';
import { SitePicker } from '../../parts/sites/SitePicker';
import { useSelection } from '../../parts/sites/useSelection';
import { useTitle } from '../../parts/useTitle';
import type { User } from '../../protocol';
import { useSites } from '../../state/useSites';
import classes from './Home.module.css';
import { NewMeeting } from './NewMeeting';
import { OpenMeetings } from './OpenMeetings';
import { Templates } from './Templates';
import { Today } from './Today';

/** The directory to choose from, the meetings that are open, and the form that opens another. */
export function Home({ user }: { user: User }) {
  const { t } = useTranslation();
  const sites = useSites();
  const selection = useSelection();
  useTitle(t('home.title'));

  const mayOpen = user.role !== 'technician';
  const online = sites.filter((site) => site.online).length;
  const meeting = sites.filter((site) => site.meeting).length;
  return (
    <main id="main" className={classes.main}>
      <div className={classes.open}>
        <OpenMeetings />
        <Today mayOpen={mayOpen} />
        {mayOpen && <Templates />}
      </div>
      <section className={classes.directory} aria-labelledby="directory">
        <div className={classes.head}>
          <h1 id="directory" className={classes.title}>
            {t('home.title')}
          </h1>
          <p className={classes.summary} role="status" aria-live="polite">
            {t('home.summary', { online, total: sites.length, meeting })}
          </p>
        </div>
        <SitePicker sites={sites} selection={selection} />
      </section>
      <NewMeeting sites={sites} selection={selection} mayOpen={mayOpen} />
    </main>
  );
}
