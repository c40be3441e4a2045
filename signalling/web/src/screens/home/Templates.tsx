import { ActionIcon, Button } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Icon } from '../../parts/icons';
import { useToasts } from '../../parts/Toaster';
import type { TemplateEntry } from '../../protocol';
import { useLive } from '../../state/LiveContext';
import { useTemplates } from '../../state/usePlans';
import { go } from '../../state/useRoute';
import classes from './Home.module.css';

/** The meetings that are held again and again: open now, put into the calendar, change. */
export function Templates() {
  const { t } = useTranslation();
  const templates = useTemplates();
  return (
    <section className={classes.panel} aria-labelledby="templates" data-testid="templates">
      <div className={classes.panelHead}>
        <h2 id="templates" className={classes.panelTitle}>
          {t('template.title')}
        </h2>
        <Button
          component="a"
          href="#/plan?kind=template"
          variant="subtle"
          size="compact-sm"
          leftSection={<Icon name="plus" size={16} />}
          data-testid="template-new"
        >
          {t('template.new')}
        </Button>
      </div>
      {templates?.length === 0 && <p className={classes.hint}>{t('template.none')}</p>}
      <ul className={classes.meetings}>
        {templates?.map((template) => <TemplateItem key={template.template} entry={template} />)}
      </ul>
    </section>
  );
}

function TemplateItem({ entry }: { entry: TemplateEntry }) {
  const { t } = useTranslation();
  const { client } = useLive();
  const { attempt } = useToasts();
  const [isBusy, setBusy] = useState(false);
  const { template, name, title, sites } = entry;

  const open = async (): Promise<void> => {
    setBusy(true);
    await attempt(
      client
        .request('template.get', { template })
        .then(({ plan }) => client.request('meeting.open', plan))
        .then(({ meeting }) => go(`/meeting/${meeting}`)),
    );
    setBusy(false);
  };
  const label = { name };
  return (
    <li className={classes.meeting} data-testid={`template-${template}`}>
      <div className={classes.meetingText}>
        <p className={classes.meetingTitle}>{name}</p>
        <p className={classes.hint}>
          {title !== name && `${title}, `}
          {t('calendar.sites', { count: sites })}
        </p>
      </div>
      <ActionIcon
        component="a"
        href={`#/plan?kind=template&id=${template}`}
        variant="subtle"
        size="lg"
        aria-label={t('template.edit', label)}
        title={t('template.edit', label)}
      >
        <Icon name="edit" />
      </ActionIcon>
      <ActionIcon
        component="a"
        href={`#/plan?kind=schedule&from=${template}`}
        variant="subtle"
        size="lg"
        aria-label={t('template.schedule', label)}
        title={t('template.schedule', label)}
        data-testid={`template-schedule-${template}`}
      >
        <Icon name="calendar" />
      </ActionIcon>
      <Button
        variant="light"
        loading={isBusy}
        onClick={() => void open()}
        aria-label={t('template.openNow', label)}
        data-testid={`template-open-${template}`}
      >
        {t('template.open')}
      </Button>
    </li>
  );
}
