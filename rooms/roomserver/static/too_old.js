/* For browsers that cannot run the room's modules, or cut them off: plain old script on purpose: says so instead of an empty page. */
window.addEventListener("load", function () {
  var section, rest;
  if (window.sammenRoom) {
    return;
  }
  rest = document.getElementById("room");
  section = document.getElementById("unsupported");
  rest.setAttribute("hidden", "");
  section.removeAttribute("hidden");
});
