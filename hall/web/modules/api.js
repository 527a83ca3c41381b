// The HTTP API from a page: JSON, session cookie with CSRF, a request_id on every writing call, errors as `Refusal`.
import { language } from "./texts.js";

/** What a call throws. `code` is the contract's, or "link_down" (status 0) when nobody answered in time. */
export class Refusal extends Error {
  constructor(status, code, message, details = {}) {
    super(message);
    Object.assign(this, { status, code, details });
  }
}

/** 128 random bits; not crypto.randomUUID, which a page served without TLS does not have. */
export function requestId() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

let csrf = null;

const isForm = (body) => body instanceof FormData;

/** Calls under a prefix: `makeApi("/api/v1").get("/halls")`. Options: {timeout: ms, tries, headers}. A form, which may
    hold a file, is sent as it is, with the request_id that it has. */
export function makeApi(prefix) {
  const call = async (method, path, body, { timeout = 8000, tries = 1, headers = {} } = {}) => {
    const sent = isForm(body) ? body : body && { request_id: requestId(), ...body }; // one id for all tries: a repeat is answered, not done twice
    for (let left = tries; ; left -= 1) {
      try {
        return await once(method, prefix + path, sent, timeout, headers);
      } catch (error) {
        if (error.code !== "link_down" || left <= 1) throw error;
        await new Promise((go) => setTimeout(go, 400));
      }
    }
  };
  return {
    get: (path, options) => call("GET", path, undefined, options),
    post: (path, body = {}, options) => call("POST", path, body, options),
    delete: (path, options) => call("DELETE", path, undefined, options),
  };
}

async function once(method, address, body, timeout, headers) {
  let answer, text;
  const all = { Accept: "application/json", "Accept-Language": language.value, ...headers };
  if (body && !isForm(body)) all["Content-Type"] = "application/json";
  if (csrf && method !== "GET") all["X-CSRF-Token"] = csrf;
  try {
    answer = await fetch(address, {
      method, headers: all, body: isForm(body) ? body : body && JSON.stringify(body), credentials: "same-origin", cache: "no-store",
      signal: AbortSignal.timeout(timeout),
    });
    text = await answer.text();
  } catch (error) {
    throw new Refusal(0, "link_down", String(error.message ?? error));
  }
  return read(answer, text);
}

function read(answer, text) {
  let json = null;
  try {
    json = text ? JSON.parse(text) : null;
  } catch {
    throw new Refusal(answer.status, "internal", text.slice(0, 200));
  }
  if (answer.ok) return json;
  const { code = "internal", message = answer.statusText, details = {} } = json?.error ?? {};
  throw new Refusal(answer.status, code, message, details);
}

export const api = makeApi("/api/v1");

/** The session of this page, or null. A token in the fragment becomes a cookie first and leaves the address bar. */
export async function signIn() {
  const token = new URLSearchParams(location.hash.slice(1)).get("token");
  if (token) history.replaceState(null, "", location.pathname + location.search);
  try {
    const { session } = token ? await api.post("/session", { token }, { tries: 20 }) : await api.get("/session", { tries: 20 });
    csrf = session.csrf;
    return session;
  } catch (error) {
    if (error.status === 401) return null;
    throw error;
  }
}

/** Where one signs in, and comes back from to this page. */
export const signInAddress = () => `/sign-in?${new URLSearchParams({ language: language.value, to: location.pathname })}`;

/** Whether this session has something to do first; the page of signing in, where that is done, is opened then. */
export function hasToSignIn(session) {
  if (session?.must) location.replace(signInAddress());
  return Boolean(session?.must);
}

export async function signOut() {
  await api.delete("/session");
  csrf = null;
}
