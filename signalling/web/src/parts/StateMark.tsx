import { Icon, type IconName } from './icons';
import classes from './StateMark.module.css';

export type Tone = 'online' | 'meeting' | 'offline' | 'bad' | 'wait';

/** A state said three times: in colour, as a sign and in words. */
export function StateMark({ tone, icon, text }: { tone: Tone; icon: IconName; text: string }) {
  return (
    <span className={classes.mark} data-tone={tone}>
      <Icon name={icon} size={16} />
      <span>{text}</span>
    </span>
  );
}
