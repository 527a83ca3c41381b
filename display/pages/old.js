// For a browser that cannot run our pages (no modules, or no import map): the plain board, which asks for neither.
// Written in the JavaScript of 2009.
(function () {
  var script = window.HTMLScriptElement;
  if (script && script.supports && script.supports("importmap")) return;
  location.replace("/board/plain" + location.search + location.hash);
})();
