// What a key can mean: commands, a question of one key, words to be typed, one of a list to be picked, or a calm word.

const step = (verb, body = {}) => ({ verb, body });

export const send = (verb, body) => ({ send: [step(verb, body)] });
export const steps = (...all) => ({ send: all.map(([verb, body]) => step(verb, body)) });
export const ask = (question, values, answers) => ({ ask: question, values, answers });
export const say = (message, values = {}) => ({ say: message, values });
// What is typed fills `into` of the last command of `then`, and the words of its question.
export const typeIn = (question, values, into, then) => ({ ...ask(question, values, {}), type: into, then });
// What is picked of the list `of` (picking.js) fills its body into the last command of `then`, and its name into the words.
export const pick = (question, values, of, then) => ({ ...ask(question, values, {}), pick: of, then });

export const number = (view) => view.window.ticket?.number ?? "";
export const isCalled = (view) => view.window.ticket?.status === "called";

// The same meaning with `body` in its last command and `values` in its words, however deep it asks.
export function filled(meant, body, values) {
  if (meant.send) {
    const last = meant.send.at(-1);
    return { ...meant, send: [...meant.send.slice(0, -1), step(last.verb, { ...last.body, ...body })] };
  }
  const answers = Object.entries(meant.answers ?? {}).map(([key, one]) => [key, filled(one, body, values)]);
  return {
    ...meant, values: { ...meant.values, ...values }, answers: Object.fromEntries(answers),
    ...(meant.then && { then: filled(meant.then, body, values) }),
  };
}
