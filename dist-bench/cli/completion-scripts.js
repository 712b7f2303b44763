/** A completion script for bash. Where it knows no word, bash offers files. */
export function bashScript({ name, flags, verbs }) {
    const all = uniqueFlags(flags, verbs);
    const values = all.filter(({ choices }) => choices.length > 0);
    const plain = all.filter(({ takesValue, choices }) => takesValue && choices.length === 0);
    return `# bash completion of ${name}
_${name}() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD - 1]} verb= word words=
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case $word in ${verbs.map(verb => verb.name).join('|')}) verb=$word; break ;; esac
  done
  COMPREPLY=()
  case $prev in
${values.map(flag => `    ${names(flag).join('|')}) COMPREPLY=($(compgen -W '${flag.choices.join(' ')}' -- "$cur")); return ;;`).join('\n')}
    ${plain.flatMap(names).join('|')}) return ;;
  esac
  case $verb in
    '') words='${[...verbs.map(verb => verb.name), ...flags.flatMap(names)].join(' ')}' ;;
${verbs.map(verb => `    ${verb.name}) words='${[...verb.choices, ...[...verb.flags, ...flags].flatMap(names)].join(' ')}' ;;`).join('\n')}
  esac
  [[ -z $cur && -n $verb ]] && words=\${words%%-*}
  COMPREPLY=($(compgen -W "$words" -- "$cur"))
}
complete -o bashdefault -o default -F _${name} ${name}
`;
}
/** A completion script for zsh, to be sourced after compinit, or kept as \`_<name>\` in a folder of \`$fpath\`. */
export function zshScript({ name, flags, verbs }) {
    const globals = flags.flatMap(zshFlag);
    return `#compdef ${name}
_${name}() {
  local -a line state verbs
  verbs=(
${verbs.map(verb => `    ${quote(`${verb.name}:${verb.description}`)}`).join('\n')}
  )
  local -a globals
  globals=(
${globals.map(line => `    ${line}`).join('\n')}
  )
  _arguments -C $globals '1: :->verb' '*:: :->rest'
  case $state in
    verb) _describe verb verbs ;;
    rest)
      case $line[1] in
${verbs.map(verb => `        ${verb.name}) _arguments $globals ${[...verb.flags.flatMap(zshFlag), zshArgument(verb)].join(' ')} ;;`).join('\n')}
      esac ;;
  esac
}
if [[ $funcstack[1] == _${name} ]]; then _${name} "$@"; else compdef _${name} ${name}; fi
`;
}
/** A completion script for fish. */
export function fishScript({ name, flags, verbs }) {
    const line = (condition, rest) => `complete -c ${name}${condition === '' ? '' : ` -n ${quote(condition)}`} ${rest}`;
    const flagLine = (condition, flag) => {
        const short = flag.short === undefined ? '' : ` -s ${flag.short.slice(1)}`;
        const value = flag.choices.length > 0 ? ` -x -a ${quote(flag.choices.join(' '))}` : flag.takesValue ? ' -r' : '';
        return line(condition, `-l ${flag.long.slice(2)}${short}${value} -d ${quote(flag.description)}`);
    };
    const lines = [`# fish completion of ${name}`, ...flags.map(flag => flagLine('', flag))];
    for (const verb of verbs) {
        const condition = `__fish_seen_subcommand_from ${verb.name}`;
        lines.push(line('__fish_use_subcommand', `-f -a ${verb.name} -d ${quote(verb.description)}`));
        if (verb.choices.length > 0)
            lines.push(line(condition, `-f -a ${quote(verb.choices.join(' '))}`));
        lines.push(...verb.flags.map(flag => flagLine(condition, flag)));
    }
    return `${lines.join('\n')}\n`;
}
function names({ long, short }) {
    return short === undefined ? [long] : [short, long];
}
/** Every flag once, whichever verbs take it. */
function uniqueFlags(flags, verbs) {
    const all = [...flags, ...verbs.flatMap(verb => verb.flags)];
    return [...new Map(all.map(flag => [flag.long, flag])).values()];
}
function zshFlag(flag) {
    const about = flag.description.replace(/[[\]\\:]/g, '\\$&');
    const value = !flag.takesValue
        ? ''
        : flag.choices.length > 0
            ? `: :(${flag.choices.join(' ')})`
            : ': :_files';
    return names(flag).map(name => quote(`${name}[${about}]${value}`));
}
function zshArgument({ choices }) {
    return quote(choices.length > 0 ? `1: :(${choices.join(' ')})` : '*: :_files');
}
/** In single quotes, as all three shells read them. */
function quote(text) {
    return `'${text.replaceAll("'", "'\\''")}'`;
}
//# sourceMappingURL=completion-scripts.js.map