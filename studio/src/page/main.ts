// The page's entry.
document.querySelector("main")!.textContent = "The studio";
