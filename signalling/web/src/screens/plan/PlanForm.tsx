import { Button, TextInput } from '@mantine/core';
import { useEffect, useState, type FormEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { SitePicker } from '../../parts/sites/SitePicker';
import { useSelection } from '../../parts/sites/useSelection';
import { useToasts } from '../../parts/Toaster';
import { isAgendaGood, tidy, titleProblem, withSites } from '../../state/plan';
import { useLive } from '../../state/LiveContext';
import { go } from '../../state/useRoute';
import { useSites } from '../../state/useSites';
import { Conflicts, useConflicts } from './Conflicts';
import classes from './Plan.module.css';
import { PlanFields } from './PlanFields';
import type { Draft } from './PlanScreen';
import { TimeFields } from './TimeFields';

/** The sites, when, and how: one form for a template and for a meeting in the calendar. */
export function PlanForm({ draft }: { draft: Draft }) {
  const { t } = useTranslation();
  const sites = useSites();
  const selection = useSelection();
  const [name, setName] = useState(draft.name);
  const [plan, setPlan] = useState(draft.plan);
  const [time, setTime] = useState(draft.time);
  const { isBusy, save, remove } = useActs(draft);
  useEffect(() => selection.replace(draft.plan.sites), [draft, selection.replace]);

  const isBooking = draft.kind === 'schedule';
  const chosen = sites.filter((site) => selection.codes.has(site.code));
  const whole = withSites({ ...plan, title: tidy(plan.title) }, chosen.map(({ code }) => code));
  const conflicts = useConflicts(isBooking ? { ...time, schedule: draft.id, sites: whole.sites } : null);
  const isGood =
    chosen.length > 0 &&
    titleProblem(plan.title) === null &&
    isAgendaGood(plan.agenda) &&
    (isBooking ? Number.isFinite(time.start_ms) && conflicts.length === 0 : titleProblem(name) === null);

  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (isGood) {
      save({ ...draft, name: tidy(name), plan: whole, time });
    }
  };

  return (
    <main id="main" className={classes.main}>
      <h1 className={classes.title}>{t(draft.id === null ? `plan.${draft.kind}New` : `plan.${draft.kind}`)}</h1>
      <section className={classes.sites} aria-label={t('home.title')}>
        <SitePicker sites={sites} selection={selection} />
      </section>
      <form className={classes.panel} onSubmit={submit}>
        {!isBooking && (
          <TextInput
            label={t('plan.name')}
            description={t('plan.nameHint')}
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
            autoComplete="off"
            data-testid="template-name"
          />
        )}
        <PlanFields plan={whole} title={plan.title} chosen={chosen} onChange={(change) => setPlan({ ...plan, ...change })} />
        {isBooking && <TimeFields time={time} onChange={setTime} />}
        <Conflicts conflicts={conflicts} sites={sites} />
        <p className={classes.chosen} role="status" data-testid="chosen-count">
          {chosen.length === 0 ? t('home.selectedNone') : t('home.selected', { count: chosen.length })}
        </p>
        <div className={classes.acts}>
          <Button type="submit" loading={isBusy} disabled={!isGood} data-testid="plan-save">
            {t('plan.save')}
          </Button>
          <Button component="a" href={isBooking ? '#/calendar' : '#/'} variant="default">
            {t('app.cancel')}
          </Button>
          {draft.id !== null && (
            <RemoveButton label={t(isBooking ? 'plan.removeBooking' : 'plan.removeTemplate')} onRemove={remove} />
          )}
        </div>
      </form>
    </main>
  );
}

/** Asks once, in its own place. */
function RemoveButton({ label, onRemove }: { label: string; onRemove: () => void }) {
  const { t } = useTranslation();
  const [isAsking, setAsking] = useState(false);
  return (
    <Button
      color="red"
      variant={isAsking ? 'filled' : 'light'}
      onClick={() => (isAsking ? onRemove() : setAsking(true))}
      onBlur={() => setAsking(false)}
      data-testid="plan-remove"
    >
      {isAsking ? t('plan.removeConfirm') : label}
    </Button>
  );
}

function useActs(draft: Draft): { isBusy: boolean; save: (final: Draft) => void; remove: () => void } {
  const { client } = useLive();
  const { attempt } = useToasts();
  const [isBusy, setBusy] = useState(false);

  const run = async (act: Promise<unknown>): Promise<void> => {
    setBusy(true);
    const done = await attempt(act);
    setBusy(false);
    if (done) {
      go(draft.kind === 'schedule' ? '/calendar' : '/');
    }
  };
  const save = ({ kind, id, name, plan, time }: Draft): void => {
    void run(
      kind === 'schedule'
        ? client.request('schedule.set', { ...time, plan, ...(id !== null && { schedule: id }) })
        : client.request('template.set', { name, plan, ...(id !== null && { template: id }) }),
    );
  };
  const remove = (): void => {
    const id = draft.id ?? 0;
    void run(
      draft.kind === 'schedule'
        ? client.request('schedule.remove', { schedule: id })
        : client.request('template.remove', { template: id }),
    );
  };
  return { isBusy, save, remove };
}
