/* Only for browsers that know no modules. Plain old script on purpose. */
(function () {
  var notice = document.getElementById("too-old");
  if (notice) {
    notice.removeAttribute("hidden");
  }
})();
