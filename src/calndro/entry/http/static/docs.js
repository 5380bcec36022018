"use strict";

// Without a layout of its own Swagger UI has no bar for other documents, and asks nobody else.
window.addEventListener("load", () => {
  SwaggerUIBundle({
    url: "../openapi.json",
    dom_id: "#docs",
    deepLinking: true,
    defaultModelsExpandDepth: 0,
    queryConfigEnabled: false,
    validatorUrl: null,
  });
});
