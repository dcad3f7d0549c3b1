import { permanent } from '#errors';

/**
 * What a job never sets, whatever an administrator allows: what runs, as whom, with which files, and what the backend
 * needs to find the job again. Also the words of the submit language itself.
 */
const neverAllowed = new Set(
  [
    'accounting_group accounting_group_user allowed_execute_duration allowed_job_duration arguments args arguments2',
    'batch_name concurrency_limits concurrency_limits_expr container_image container_target_dir copy_to_spool',
    'cron_day_of_month cron_day_of_week cron_hour cron_minute cron_month cron_prep_time cron_window',
    'deferral_prep_time deferral_time deferral_window docker_image dont_encrypt_input_files elif else endif env',
    'environment environment2 err error executable file_remaps getenv grid_resource hold if include init_dir initial_dir',
    'initialdir input in iwd job_ad_information_attrs jobpriority keep_claim_idle leave_in_queue log log_xml',
    'manifest max_idle max_materialize max_retries next_job_start_delay nice_user noop_job notification notify_user',
    'on_exit_hold on_exit_hold_reason on_exit_hold_subcode on_exit_remove output out periodic_hold',
    'periodic_hold_reason periodic_hold_subcode periodic_release periodic_remove periodic_vacate postargs',
    'postarguments postcmd preargs prearguments precmd priority prio public_input_files queue rank_user',
    'remote_initialdir request_cpus request_disk request_memory retry_until run_as_owner should_transfer_files',
    'skip_filechecks stderr stdin stdout stream_error stream_input stream_output submit_event_notes',
    'submit_event_user_notes success_exit_code tool_daemon_args tool_daemon_cmd tool_daemon_input transfer_checkpoint_files',
    'transfer_error transfer_executable transfer_files transfer_input transfer_input_files transfer_output',
    'transfer_output_files transfer_output_remaps transfer_plugins universe use use_oauth_services use_scitokens use_x509userproxy userlog',
    'want_graceful_removal warning when_to_transfer_output x509userproxy job_max_vacate_time kill_sig',
  ].flatMap((line) => line.split(' ')),
);

/** Attributes of a job's ad that are the house's or HTCondor's own, however they are written. */
const neverAttribute =
  /^(?:slipway.*|owner|user|osuser|ntdomain|cmd|args|arguments|env|environment|iwd|in|out|err|userlog|jobuniverse|clusterid|procid|jobstatus|requirements|leavejobinqueue|periodic.*|onexit.*|transfer.*|stream.*|hold.*|jobmaterialize.*|jobbatchname|accountinggroup|acctgroup.*|concurrencylimits|x509.*|container.*|docker.*|numjobstarts|completiondate|enteredcurrentstatus|removereason|exitcode|exitbysignal|exitsignal|shouldtransferfiles|whentotransferoutput|getenv|jobprio|job_?lease.*|rankuser|gridresource|cron.*|deferral.*|wantgracefulremoval|killsig|toolDaemon.*|oauth.*|starterlog.*|jobadinformationattrs|remote.*)$/i;

const namePattern = /^(?:\+|my\.)?([A-Za-z_][A-Za-z0-9_]*)$/i;

/**
 * A job's further submit commands as lines of a submit description. `requirements` comes back apart, since the backend
 * has its own. Throws permanent `grid.refused` for a command that the backend does not allow, and for a value that
 * could mean more than a value.
 */
export function extraCommands(
  batch: Readonly<Record<string, string>>,
  allowed: readonly string[],
): { readonly lines: readonly string[]; readonly requirements: string | undefined } {
  const permitted = new Set(allowed.map(canonical));
  const lines: string[] = [];
  let requirements: string | undefined;
  for (const [name, value] of Object.entries(batch)) {
    checkName(name, permitted);
    checkValue(name, value);
    if (canonical(name) !== 'requirements') lines.push(`${name} = ${value.trim()}`);
    else if (requirements === undefined) requirements = balanced(value.trim());
    else throw refused('requirements', 'is there twice');
  }
  return { lines, requirements };
}

/** HTCondor takes names without regard to case, and `MY.Attr` for `+Attr`. */
function canonical(name: string): string {
  return name.toLowerCase().replace(/^my\./, '+');
}

function checkName(name: string, permitted: ReadonlySet<string>): void {
  const bare = namePattern.exec(name)?.[1]?.toLowerCase();
  if (bare === undefined) throw refused(name, 'is no name of a submit command');
  const attribute = canonical(name).startsWith('+');
  if (attribute ? neverAttribute.test(bare) : neverAllowed.has(bare))
    throw refused(name, 'is set by Slipway itself, and by no job');
  if (!permitted.has(canonical(name))) throw refused(name, 'is not among those that this backend allows');
}

function checkValue(name: string, value: string): void {
  // eslint-disable-next-line no-control-regex
  if (/[\u0000-\u0008\u000a-\u001f\u007f-\u009f\u2028\u2029]/.test(value))
    throw refused(name, 'has a line break or a control character in its value');
  if (value.includes('$')) throw refused(name, 'has a "$" in its value: macros are not for jobs');
  if (/\\\s*$/.test(value)) throw refused(name, 'has a value that goes on in the next line');
}

/** Requirements become one term of several: what closes a bracket that it did not open would leave its term. */
function balanced(expression: string): string {
  let depth = 0;
  let quote: string | undefined;
  for (let at = 0; at < expression.length; at += 1) {
    const character = expression[at];
    if (quote !== undefined) {
      if (character === '\\') at += 1;
      else if (character === quote) quote = undefined;
    } else if (character === '"' || character === "'") quote = character;
    else if (character === '(') depth += 1;
    else if (character === ')') depth -= 1;
    if (depth < 0) break;
  }
  if (depth !== 0 || quote !== undefined || /\/[/*]/.test(expression) || expression === '')
    throw refused('requirements', 'is not one expression with its brackets and quotes closed');
  return expression;
}

function refused(name: string, why: string): Error {
  // A name comes from outside and may hold anything.
  const shown = JSON.stringify(name.slice(0, 80));
  return permanent('grid.refused', `the submit command ${shown} ${why}`, { level: 'info' });
}
