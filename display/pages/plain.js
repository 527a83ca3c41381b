// The plain board's own renewal, in the JavaScript of 2009: it fetches itself every 3 s and says when it cannot.
(function () {
  var EVERY = 3000, STALE_AFTER = 12000;
  var body = document.body, last = new Date().getTime(), asking = null;

  function words(key, n) {
    return (body.getAttribute("data-" + key) || "").replace("\n", n);
  }

  function silent() {
    var seconds = Math.floor((new Date().getTime() - last) / 1000);
    var line = document.getElementById("stale");
    if (!line || seconds * 1000 < STALE_AFTER) return;
    line.className = "stale";
    line.innerHTML = seconds < 120 ? words("seconds", seconds) : words("minutes", Math.floor(seconds / 60));
  }

  function take(text) {
    var from = text.indexOf("<!--board-->"), to = text.indexOf("<!--/board-->");
    if (from < 0 || to < 0) return;
    document.getElementById("board").innerHTML = text.substring(from, to);
    last = new Date().getTime();
  }

  function ask() {
    silent();
    if (asking) asking.abort();
    var request = new XMLHttpRequest();
    asking = request;
    request.onreadystatechange = function () {
      if (request.readyState !== 4 || asking !== request) return;
      asking = null;
      if (request.status === 200) take(request.responseText);
    };
    var path = location.pathname + location.search;
    request.open("GET", path + (location.search ? "&" : "?") + "at=" + new Date().getTime(), true);
    request.send(null);
  }

  function signIn(token) {
    var request = new XMLHttpRequest();
    request.onreadystatechange = function () {
      if (request.readyState === 4 && request.status === 200) location.replace(location.pathname + location.search);
    };
    request.open("POST", "/api/v1/session", true);
    request.setRequestHeader("Content-Type", "application/json");
    request.send('{"token":"' + token + '"}');
  }

  var token = /[#&]token=([\w-]+)/.exec(location.hash);
  if (token) signIn(token[1]);
  setInterval(ask, EVERY);
})();
