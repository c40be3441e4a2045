import { Button, TextInput } from '@mantine/core';
import { useEffect, useState, type FormEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { formatMoment } from '../../i18n/format';
import { Icon } from '../../parts/icons';
import { LayoutPicker } from '../../parts/LayoutPicker';
import type { Selection } from '../../parts/sites/useSelection';
import { useToasts } from '../../parts/Toaster';
import type { Layout, Site } from '../../protocol';
import { useLive } from '../../state/LiveContext';
import { tidy, titleProblem } from '../../state/plan';
import { useLayouts } from '../../state/useLayouts';
import { go } from '../../state/useRoute';
import classes from './Home.module.css';

const PREFERRED_LAYOUT = '1+5';

export interface NewMeetingProps {
  sites: readonly Site[];
  selection: Selection;
  mayOpen: boolean;
}

/** Title, layout, and the one press that calls every chosen site. */
export function NewMeeting({ sites, selection, mayOpen }: NewMeetingProps) {
  const { t } = useTranslation();
  const live = useLive();
  const { attempt } = useToasts();
  const [title, setTitle] = useDefaultTitle();
  const [layout, setLayout] = useLayoutChoice();
  const layouts = useLayouts();
  const [isBusy, setBusy] = useState(false);

  const chosen = sites.filter((site) => selection.codes.has(site.code));
  const problem = titleProblem(title);

  const open = async (): Promise<void> => {
    setBusy(true);
    await attempt(
      live.client
        .request('meeting.open', {
          title: tidy(title),
          sites: chosen.map((site) => site.code),
          ...(layout && { layout }),
        })
        .then(({ meeting }) => go(`/meeting/${meeting}`)),
    );
    setBusy(false);
  };
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (chosen.length > 0 && !problem && mayOpen) {
      void open();
    }
  };

  return (
    <section className={`${classes.panel} ${classes.create}`} aria-labelledby="new-meeting">
      <h2 id="new-meeting" className={classes.panelTitle}>
        {t('home.newMeeting')}
      </h2>
      <form className={classes.form} onSubmit={submit}>
        <TextInput
          label={t('home.meetingTitle')}
          value={title}
          onChange={(event) => setTitle(event.currentTarget.value)}
          error={problem && t(problem)}
          autoComplete="off"
          data-testid="meeting-title"
        />
        <div>
          <p className={classes.label}>{t('home.layout')}</p>
          <LayoutPicker
            label={t('home.layout')}
            layouts={layouts}
            value={layout}
            onChange={setLayout}
          />
        </div>
        <div className={classes.submit}>
          <Chosen chosen={chosen} mayOpen={mayOpen} />
          <Button
            type="submit"
            size="lg"
            fullWidth
            leftSection={<Icon name="meeting" size={22} />}
            loading={isBusy}
            disabled={chosen.length === 0 || problem !== null || !mayOpen}
            data-testid="open-meeting"
          >
            {t('home.open')}
          </Button>
        </div>
      </form>
    </section>
  );
}

function Chosen({ chosen, mayOpen }: { chosen: Site[]; mayOpen: boolean }) {
  const { t } = useTranslation();
  const online = chosen.filter((site) => site.online).length;
  const hint = (): string => {
    if (!mayOpen) {
      return t('home.mayNotOpen');
    }
    if (chosen.length === 0) {
      return t('home.chooseFirst');
    }
    const off = chosen.length - online;
    return off > 0 ? t('home.someOffline', { count: off }) : '';
  };
  return (
    <div className={classes.chosen} role="status" aria-live="polite">
      <p className={classes.chosenCount} data-testid="chosen-count">
        {chosen.length === 0
          ? t('home.selectedNone')
          : `${t('home.selected', { count: chosen.length })}, ${t('home.selectedOnline', { online })}`}
      </p>
      {hint() && <p className={classes.hint}>{hint()}</p>}
    </div>
  );
}

/** "Phiên họp 14:30, 24/11/2025", kept on the present minute and language until it is edited. */
function useDefaultTitle(): [string, (title: string) => void] {
  const { t } = useTranslation();
  const [edited, setEdited] = useState<string | null>(null);
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 10_000);
    return () => clearInterval(timer);
  }, []);
  return [edited ?? t('home.defaultTitle', { when: formatMoment(now) }), setEdited];
}

/** The layout to open with: the last choice, else the preferred one, else whatever there is. */
function useLayoutChoice(): [string | null, (name: string) => void] {
  const layouts = useLayouts();
  const [choice, setChoice] = useState<string | null>(null);
  const has = (name: string | null): boolean => layouts.some((layout: Layout) => layout.name === name);
  const fallback = has(PREFERRED_LAYOUT) ? PREFERRED_LAYOUT : (layouts[0]?.name ?? null);
  return [has(choice) ? choice : fallback, setChoice];
}
